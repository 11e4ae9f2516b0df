import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { detectUses } from '../../src/detection/index.ts'
import { registered } from '../support/detection.ts'
import { Holders, holdersAvailable } from '../support/holders.ts'

const script = fileURLToPath(new URL('../fixtures/churn.py', import.meta.url))

const python = '/usr/bin/python3'

/** The name its processes have in lists. */
const name = 'rm-churn'

/** Changes of each kind: 10,000 in all. */
const kinds = { forks: 2500, execs: 300, maps: 4700, threads: 2500 }

describe('processes that change while they are looked at', { skip: holdersAvailable() ?? false }, () => {
  it('are never accused, nor missing from what could be looked at, in ten thousand changes', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    const path = (file: string) => join(folder.path, file)
    for (const file of ['unused', 'used', 'own']) writeFileSync(path(file), 'x')
    mkdirSync(path('empty'))
    // Those that change use these, now and then or all the time: they have to be looked at closely.
    const theirs = [path('own'), python]
    const targets = {
      files: [path('unused'), path('used'), ...theirs].map(registered),
      directories: [registered(path('empty'))],
    }
    await using holders = new Holders()
    const pid = await holders.tell('steady', [['map', path('used'), 'data']])
    symlinkSync(python, path(name))

    const churning = new AbortController()
    const churners = Object.entries(kinds).map(([kind, events]) => churn(path(name), kind, events, path('own')))
    const all = Promise.all(churners).finally(() => churning.abort())
    let looks = 0
    do {
      // Every other time without asking the kernel who is worth a look.
      const { uses, uninspected } = await detectUses(targets, looks % 2 === 0 ? {} : { means: 'processes' })
      looks += 1
      // A short look does not let the others have their turn.
      await turn()
      assert.deepEqual(
        uses
          .filter((use) => !theirs.includes(use.path))
          .map((use) => [use.path, use.as, use.replaced, use.process.pid]),
        [[path('used'), 'mapped', false, pid]],
      )
      assert.deepEqual(
        uninspected.filter((each) => each.name === name),
        [],
      )
    } while (!churning.signal.aborted)
    assert.deepEqual(await all, Object.values(kinds))
    assert.ok(looks >= 10, `only ${looks} looks`)
  })
})

/** Runs one to its end, or until this process ends; answers how many changes it made. */
async function churn(program: string, kind: string, events: number, file: string): Promise<number> {
  const child = spawn(program, ['-I', '-S', script, kind, String(events), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { CHURN: program },
  })
  let count = 0
  child.stdout.on('data', (dots: Buffer) => (count += dots.length))
  await once(child, 'close')
  return count
}
