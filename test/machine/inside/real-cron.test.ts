import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { installPackage } from './packages.ts'
import { output, untilExists } from './units.ts'

const job = '/run/rm-cron-job'
const program = '/usr/sbin/cron'

describe('cron, and the whole machine around it', { skip: outsideMachine }, () => {
  before(async () => {
    await installPackage('cron', program)
    // Run once a boot, when cron starts.
    rmSync('/run/crond.reboot', { force: true })
    writeFileSync('/etc/cron.d/rm', `@reboot root sh -c 'echo $$ >${job}; exec sleep 600'\n`, { mode: 0o644 })
    await output('systemctl', 'start', 'cron')
    await untilExists(job)
  })

  for (const mode of modes) {
    it(`is as before, and its job goes on (KillMode=process): ${mode.name}`, async () => {
      const pid = readFileSync(job, 'utf8').trim()
      await runAndCompare(mode, { resources: ['--service', 'cron'], again: ['cron.service'] })
      assert.ok(existsSync(`/proc/${pid}`), 'the job still runs')
    })
  }
})
