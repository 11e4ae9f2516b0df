import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Detection } from '../../src/detection/index.ts'
import { asUser, detectAs, detectElsewhere } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { Holders, holdersAvailable } from '../support/holders.ts'

const nobody = 65534
const noRoot = process.getuid?.() !== 0 && 'two users take root'

/** A file that everybody may read. */
function publicFile() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
  chmodSync(folder.path, 0o755)
  const file = join(folder.path, 'file')
  writeFileSync(file, 'x')
  return { file, [Symbol.dispose]: () => folder.remove() }
}

const users = ({ uses }: Detection) => uses.map((use) => [use.process.pid, use.as])

describe('who may not be looked at', { skip: noRoot }, () => {
  it("names another user's process, and finds one's own", async () => {
    using folder = publicFile()
    await using foreign = await startFixture('opens-a-file', [folder.file])
    await using own = await startFixture('maps-a-file', [folder.file], { user: nobody })
    const found = await detectAs(nobody, [folder.file])
    assert.deepEqual(users(found), [[own.pid, 'mapped']])
    const row = found.uninspected.find(({ process }) => process.pid === foreign.pid)
    assert.equal(row?.reason, 'belongs to user 0')
    assert.equal(String(row.process.startTime), String(foreign.process.startTime))
    assert.ok(!found.uninspected.some(({ process }) => process.pid === own.pid))
  })

  it("names one's own process that hides its memory", { skip: holdersAvailable() ?? false }, async () => {
    using folder = publicFile()
    await using holders = new Holders()
    const pid = await holders.tell('agent', [
      ['open', folder.file, 'read'],
      ['become', nobody],
    ])
    assert.deepEqual(users(await detectAs(nobody, [folder.file])), [[pid, 'open']])
    await holders.tell('agent', [['hide-memory']])
    const found = await detectAs(nobody, [folder.file])
    assert.deepEqual(users(found), [])
    const row = found.uninspected.find(({ process }) => process.pid === pid)
    assert.equal(row?.reason, 'the kernel does not let it be looked at (EACCES)')
  })
})

/** `/proc` is mounted once more, over the first: what counts is what is on top. */
const mountProc = 'mount -t proc -o "hidepid=$1" proc /proc; shift; exec "$@"'
const underHidden = (hidepid: string) => [
  ...['unshare', '--mount', '--propagation', 'private'],
  ...['sh', '-ec', mountProc, 'sh', hidepid],
]

describe('processes that /proc hides', { skip: noRoot }, () => {
  for (const [hidepid, name] of [
    ['1', 'noaccess'],
    ['2', 'invisible'],
    ['4', 'ptraceable'],
  ] as const) {
    it(`are one row where hidepid is ${hidepid}, and what is shown is found`, async () => {
      using folder = publicFile()
      await using foreign = await startFixture('opens-a-file', [folder.file])
      await using own = await startFixture('opens-a-file', [folder.file], { user: nobody })
      const found = await detectElsewhere([folder.file], { under: [...underHidden(hidepid), ...asUser(nobody)] })
      assert.deepEqual(users(found), [[own.pid, 'open']])
      const row = found.uninspected.find(({ process }) => process.pid === 0)
      assert.equal(row?.reason, `the processes of other users are hidden from this one (hidepid=${name})`)
      const asRoot = await detectElsewhere([folder.file], { under: underHidden(hidepid) })
      assert.deepEqual(
        users(asRoot).map(([pid]) => pid),
        [foreign.pid, own.pid],
      )
      assert.ok(!asRoot.uninspected.some(({ process }) => process.pid === 0))
    })
  }

  it('are hidden from who is root in another user namespace only', async () => {
    using folder = publicFile()
    await using foreign = await startFixture('opens-a-file', [folder.file])
    const under = [...underHidden('2'), ...asUser(nobody), 'unshare', '--user', '--map-root-user']
    const found = await detectElsewhere([folder.file], { under })
    assert.ok(foreign.pid)
    assert.deepEqual(users(found), [])
    assert.ok(found.uninspected.some(({ process, reason }) => process.pid === 0 && reason.includes('hidepid')))
  })
})
