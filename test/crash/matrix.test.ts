import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'node:test'
import { listSessions, recover, startSession } from '../../src/index.ts'
import { Crowd } from '../support/crowd.ts'
import { Folder } from '../support/folder.ts'

const program = fileURLToPath(new URL('../fixtures/crashes-at.ts', import.meta.url))
const size = 2
const whole = Array.from({ length: size }, () => 1).join(' ')
const timeouts = { applicationMs: 300 }

type When = 'before' | 'after'
interface World {
  folder: Folder
  crowd: Crowd
}

/** Runs a flow that is killed at this transaction, with what it works on; answers whether it came through. */
async function run(folder: Folder, flow: string, crowd: Crowd, commit: number, when: When): Promise<boolean> {
  const args = ['--disable-warning=ExperimentalWarning', program, String(commit), when, folder.state, flow]
  const targets =
    flow === 'in-place' ? crowd.running().flatMap((some) => some.map(({ pid }) => String(pid))) : crowd.files
  const child = spawn(process.execPath, [...args, ...targets], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (said === 'through\n' && code === 0) return true
  assert.deepEqual([said, signal], ['', 'SIGKILL'])
  return false
}

/** A session stops everything, and its owner ends. */
async function abandon({ folder, crowd }: World): Promise<void> {
  const owner = spawn('sleep', ['60'], { stdio: 'ignore' })
  const session = await startSession({ runtimeDirectory: folder.state, owner: owner.pid ?? 0 })
  await session.register({ files: crowd.files })
  await session.shutdown()
  assert.equal(crowd.count(), '0 0')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  // It holds something stopped: this only lets go of it.
  await session[Symbol.asyncDispose]()
}

/** A world of its own for each transaction of a flow, until the flow comes through; answers how many there were. */
async function atEveryTransaction(check: (commit: number, world: World) => Promise<boolean>): Promise<number> {
  for (let commit = 1; ; commit++) {
    using folder = new Folder()
    await using crowd = await Crowd.start(folder, size)
    assert.equal(crowd.count(), whole)
    if (await check(commit, { folder, crowd })) return commit - 1
  }
}

async function assertRecovered({ folder, crowd }: World, where: string): Promise<void> {
  assert.equal(crowd.count(), whole, `each application runs once, ${where}`)
  const left = await listSessions({ runtimeDirectory: folder.state })
  assert.deepEqual(left, [], `no session is left, ${where}`)
  const again = await recover({ runtimeDirectory: folder.state, timeouts })
  assert.deepEqual(again, { applications: [], remaining: [], uninspected: [] }, `there is nothing more to do, ${where}`)
}

describe('everything that ran before runs once after a recover', { concurrency: 4 }, () => {
  for (const when of ['before', 'after'] as const) {
    it(`where the primary was killed ${when} any of its transactions`, async () => {
      const transactions = await atEveryTransaction(async (commit, world) => {
        const through = await run(world.folder, 'install', world.crowd, commit, when)
        const { applications } = await recover({ runtimeDirectory: world.folder.state, timeouts })
        assert.ok(
          applications.every(({ error }) => error === null),
          JSON.stringify(applications, (_key, part: unknown) => String(part)),
        )
        await assertRecovered(world, `${when} transaction ${commit}`)
        return through
      })
      // Made, registered, stopping, written down, two stopped, stopped, reopened, restarting, two made, two up, open, ended.
      assert.equal(transactions, 15)
    })

    it(`where the primary was killed ${when} any of its transactions in place`, async () => {
      const transactions = await atEveryTransaction(async (commit, world) => {
        const through = await run(world.folder, 'in-place', world.crowd, commit, when)
        await recover({ runtimeDirectory: world.folder.state, timeouts })
        await assertRecovered(world, `${when} transaction ${commit}, in place`)
        return through
      })
      // Made, registered, restarting, written down, two stopped, two made, two up, open, ended.
      assert.equal(transactions, 12)
    })

    it(`where a recover was killed ${when} any of its transactions, and run again`, async () => {
      const transactions = await atEveryTransaction(async (commit, world) => {
        await abandon(world)
        const through = await run(world.folder, 'recover', world.crowd, commit, when)
        await recover({ runtimeDirectory: world.folder.state, timeouts })
        await assertRecovered(world, `${when} transaction ${commit}`)
        return through
      })
      // Restarting, two made, two up, open, ended.
      assert.equal(transactions, 7)
    })
  }

  it('where several recover at the same time', async () => {
    using folder = new Folder()
    await using crowd = await Crowd.start(folder, size)
    await abandon({ folder, crowd })
    const all = await Promise.all([
      run(folder, 'recover', crowd, 0, 'after'),
      run(folder, 'recover', crowd, 0, 'after'),
      recover({ runtimeDirectory: folder.state }),
      recover({ runtimeDirectory: folder.state }),
    ])
    assert.deepEqual(all.slice(0, 2), [true, true])
    await assertRecovered({ folder, crowd }, 'with four at it')
  })
})
