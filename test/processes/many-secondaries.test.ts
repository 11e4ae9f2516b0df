import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startSession } from '../../src/index.ts'
import { Folder } from '../support/folder.ts'

const secondaries = 200
const filesEach = 50

describe('many secondaries', () => {
  it(`${secondaries} processes register ${filesEach} files each at the same time: none lost, none twice`, async () => {
    using folder = new Folder()
    await using session = await startSession({ runtimeDirectory: folder.state })
    const environment = { RESTART_MANAGER_RUNTIME_DIR: folder.state, RESTART_MANAGER_SESSION: session.key }
    const children = Array.from({ length: secondaries }, (_, number) => start(folder.path(`s${number}-`), environment))
    try {
      await Promise.all(children.map((child) => once(child.stdout ?? child, 'data')))
      const ends = children.map((child) => once(child, 'exit'))
      const begun = performance.now()
      for (const child of children) child.stdin?.write('go\n')
      await session.waitForParticipants({ atLeast: secondaries, timeoutMs: 120_000 })
      const took = performance.now() - begun
      assert.deepEqual(new Set((await Promise.all(ends)).map(([code]) => code as number)), new Set([0]))
      const { participants, resources } = await session.summary()
      assert.equal(resources.files, secondaries * filesEach)
      assert.equal(
        participants.filter(({ role, state }) => role === 'secondary' && state === 'left').length,
        secondaries,
      )
      console.log(`${secondaries} secondaries registered ${resources.files} files in ${Math.round(took)} ms`)
    } finally {
      for (const child of children) child.stdin?.destroy()
      for (const child of children) child.kill('SIGKILL')
    }
  })
})

/** Ends with its standard input, and so with this process. */
function start(prefix: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const program = fileURLToPath(new URL('../fixtures/joins-and-registers.ts', import.meta.url))
  return spawn(process.execPath, [program, prefix, String(filesEach)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
}
