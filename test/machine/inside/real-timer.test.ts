import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { install, output, property, untilState } from './units.ts'

const starts = '/run/rm-often-starts'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'

describe('a timer and the service it starts, and the whole machine around them', { skip: outsideMachine }, () => {
  before(async () => {
    await install({
      'rm-timed.timer': '[Timer]\nOnCalendar=monthly\n',
      'rm-timed.service': endless,
      // Wherever it is down for so long, it is started.
      'rm-often.timer': '[Timer]\nOnActiveSec=0\nOnUnitInactiveSec=200ms\nAccuracySec=1ms\n',
      'rm-often.service': `${endless}ExecStartPre=/bin/sh -c 'echo started >>${starts}'\n`,
    })
    await output('systemctl', 'start', 'rm-timed.timer', 'rm-timed.service', 'rm-often.timer')
    await untilState('rm-often', 'active')
  })
  after(async () => {
    await output('systemctl', 'stop', 'rm-often.timer', 'rm-often.service')
  })

  for (const mode of modes) {
    it(`are as before, and the timer elapses when it would have: ${mode.name}`, async () => {
      const due = await property('rm-timed.timer', 'NextElapseUSecRealtime')
      const units = { again: ['rm-timed.service'], held: ['rm-timed.timer'] }
      await runAndCompare(mode, { resources: ['--service', 'rm-timed'], ...units })
      assert.equal(await property('rm-timed.timer', 'NextElapseUSecRealtime'), due)
    })

    it(`are as before where the timer elapses again and again, and the service is started once: ${mode.name}`, async () => {
      rmSync(starts)
      const units = { again: ['rm-often.service'], held: ['rm-often.timer'] }
      await runAndCompare(mode, { resources: ['--service', 'rm-often'], ...units, script: 'sleep 1' })
      assert.equal(readFileSync(starts, 'utf8'), 'started\n')
    })

    it(`are as before where the service is down, and nobody starts it: ${mode.name}`, async () => {
      // Both at once: a service that nothing refers to is unloaded, with what is known of its last run.
      await output('systemctl', 'stop', 'rm-timed.timer', 'rm-timed.service')
      await output('systemctl', 'start', 'rm-timed.timer')
      const held = mode.meanwhile === 'inactive' ? ['rm-timed.timer'] : []
      await runAndCompare(mode, { resources: ['--service', 'rm-timed'], again: [], held })
      await output('systemctl', 'start', 'rm-timed.service')
    })
  }
})
