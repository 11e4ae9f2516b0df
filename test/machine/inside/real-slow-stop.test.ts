import { after, before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { install, output, shellService } from './units.ts'

/** Seconds; within the 20 that a service is waited for. */
const slowStop = 15

describe(
  `a service that takes ${slowStop} s to stop, and the whole machine around it`,
  { skip: outsideMachine },
  () => {
    before(async () => {
      const line = `trap "sleep ${slowStop}; exit 0" TERM; sleep infinity & wait`
      await install({ 'rm-slow.service': shellService(line, 'KillMode=mixed', 'TimeoutStopSec=60') })
      await output('systemctl', 'start', 'rm-slow')
    })
    after(async () => {
      await output('systemctl', 'kill', '--signal=KILL', 'rm-slow')
    })

    for (const mode of modes) {
      it(`is waited for, and as before: ${mode.name}`, async () => {
        await runAndCompare(mode, { resources: ['--service', 'rm-slow'], again: ['rm-slow.service'] })
      })
    }
  },
)
