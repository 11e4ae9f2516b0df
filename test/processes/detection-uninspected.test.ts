import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { detectAs } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'

const nobody = 65534
const skip = process.getuid?.() !== 0 && 'two users take root'
describe('who may not be looked at', { skip }, () => {
  it("names another user's process, and finds one's own", async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    chmodSync(folder.path, 0o755)
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    await using foreign = await startFixture('opens-a-file', [file])
    await using own = await startFixture('maps-a-file', [file], { user: nobody })
    const { uses, uninspected } = await detectAs(nobody, [file])
    assert.deepEqual(
      uses.map((use) => [use.process.pid, use.as]),
      [[own.pid, 'mapped']],
    )
    const row = uninspected.find(({ process }) => process.pid === foreign.pid)
    assert.equal(row?.reason, 'belongs to user 0')
    assert.equal(String(row.process.startTime), String(foreign.process.startTime))
    assert.ok(!uninspected.some(({ process }) => process.pid === own.pid))
  })
})
