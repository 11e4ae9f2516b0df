import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listSessions } from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { startApplication } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('a primary that is killed', () => {
  it('between shutdown and restart leaves an abandoned session with what it had stopped', async () => {
    using folder = new Folder()
    const environment = { RESTART_MANAGER_RUNTIME_DIR: folder.state }
    await using application = await startApplication(folder, 'one', 'registered', { environment })
    await using primary = await startFixture('stops-and-waits', [application.file], { environment })
    const owner = primary.process
    assert.equal(processManager.identify(application.fixture.pid), null)
    processManager.kill(owner)
    await processManager.waitForEnd([owner], { timeoutMs: 5000 })

    const sessions = await listSessions({ runtimeDirectory: folder.state })
    assert.deepEqual(
      sessions.map(({ state, stopped, owner: whose }) => ({ state, stopped, owner: whose })),
      [{ state: 'abandoned', stopped: ['application.ts'], owner }],
    )
  })
})
