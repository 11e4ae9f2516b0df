import { describe } from 'node:test'
import { allCases } from './all-cases.ts'
import { tryCases } from './try-cases.ts'

// Beside the others, which are in another process.
describe('conformance with the Windows Restart Manager where that takes long', () => {
  tryCases(allCases.filter(({ takesLong = false }) => takesLong))
})
