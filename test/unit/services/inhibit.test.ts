import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readChildren } from '../../../src/linux/process-tree.ts'
import { createShutdownDelay } from '../../../src/services/index.ts'
import { until } from '../../support/application.ts'
import { Folder } from '../../support/folder.ts'

describe('the delay of the shutdown', () => {
  const path = process.env['PATH']
  let folder: Folder
  let before: number[]
  beforeEach(() => {
    folder = new Folder()
    before = readChildren(process.pid)
  })
  afterEach(async () => {
    process.env['PATH'] = path
    folder[Symbol.dispose]()
    await until('no helper is left', () => helpers().length === 0)
  })

  const helpers = () => readChildren(process.pid).filter((pid) => !before.includes(pid))

  /** Puts a line of shell in the place of systemd-inhibit. */
  function pretend(line: string): void {
    chmodSync(folder.write('systemd-inhibit', `#!/bin/sh\n${line}\n`), 0o755)
    process.env['PATH'] = `${folder.root}:${path}`
  }

  it('is held by a helper from the first take to the release, and by no other process', async () => {
    pretend('exec cat')
    const delay = createShutdownDelay(folder.root)
    await delay.take()
    await delay.take()
    const [helper = 0, ...others] = helpers()
    assert.deepEqual([others, delay.isHeldBy(helper), delay.isHeldBy(process.pid)], [[], true, false])
    await delay.release()
    assert.deepEqual([helpers(), delay.isHeldBy(helper)], [[], false])
    await delay.release()
  })

  it('asks nobody where systemd does not run', async () => {
    pretend(`touch ${folder.path('asked')}; exec cat`)
    const delay = createShutdownDelay(folder.path('no-systemd'))
    await delay.take()
    assert.deepEqual(helpers(), [])
    await delay.release()
  })

  for (const { what, line } of [
    { what: 'refuses', line: 'exit 1' },
    { what: 'does not answer', line: 'exec sleep 60' },
  ]) {
    it(`holds nobody up where logind ${what}`, async () => {
      pretend(line)
      const delay = createShutdownDelay(folder.root)
      await delay.take()
      assert.equal(delay.isHeldBy(helpers()[0] ?? 0), false)
      await delay.release()
    })
  }

  it('holds nobody up where there is no systemd-inhibit', async () => {
    process.env['PATH'] = folder.root
    const delay = createShutdownDelay(folder.root)
    await delay.take()
    await delay.release()
    assert.deepEqual(helpers(), [])
  })
})
