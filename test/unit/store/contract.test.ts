import { sessionStoreContract } from '../../fixtures/store-contract.ts'
import { storeFolder } from '../../fixtures/store-folder.ts'

sessionStoreContract('The SQLite store', (test) => storeFolder(test).store)
