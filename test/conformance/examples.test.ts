import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isRunning } from '../../src/linux/process-stat.ts'
import { listSessions } from '../../src/session/index.ts'
import { startCommand, type Transcript } from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { Folder } from '../support/folder.ts'

const program = fileURLToPath(new URL('../../examples/windows/primary-installer.ts', import.meta.url))
const source = new URL('../support/from-source.ts', import.meta.url).href

describe("Microsoft's sample with a secondary installer", () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  async function install(applications: TestApplication[]): Promise<Transcript> {
    const files = applications.map(({ file }) => file)
    for (const file of files) folder.write(`${file.slice(folder.root.length + 1)}.new`, 'new')
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--import', source]
    await using command = startCommand([...node, program, ...files])
    return await command.ended
  }

  it('stops what uses the files of both installers, and starts it again with the new ones', async () => {
    await using one = await startApplication(folder, 'one')
    await using two = await startApplication(folder, 'two')
    await using three = await startApplication(folder, 'three')
    const applications = [one, two, three]
    const pids = applications.map(({ fixture }) => fixture.pid)
    const { code, stdout, stderr } = await install(applications)
    assert.deepEqual([code, stderr], [0, ''])
    const affected = [...stdout.matchAll(/^Affected: application\.ts \(process (\d+)\)$/gm)].map(([, pid]) =>
      Number(pid),
    )
    assert.deepEqual(affected.toSorted(), pids.toSorted())
    await until('all run again', () => applications.every((application) => application.facts().again))
    assert.deepEqual(
      applications.map((application) => application.facts().content),
      ['new', 'new', 'new'],
    )
    assert.deepEqual(await listSessions(), [])
  })

  it('stops nothing where a reboot is required', async () => {
    await using one = await startApplication(folder, 'one')
    await using two = await startApplication(folder, 'two')
    await using three = await startApplication(folder, 'three')
    // This process starts the installer, and works in what that would replace.
    process.chdir(folder.directory('here'))
    try {
      const { code, stderr } = await install([one, two, { ...three, file: folder.path('here') }])
      assert.equal(code, 1)
      assert.match(stderr, /A reboot is required: reasons 16/)
    } finally {
      process.chdir('/')
    }
    for (const { fixture } of [one, two, three]) assert.ok(isRunning(fixture.process))
    assert.deepEqual(await listSessions(), [])
  })
})
