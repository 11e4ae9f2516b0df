import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { restartctlCommand } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { modes, type Mode } from './modes.ts'
import { stopWoken } from './packages.ts'
import { differences, machineState, type MachineState } from './state.ts'
import { install, output, shellService, untilState } from './units.ts'

/** Seconds. */
const slowStop = 5
const bus = ['dbus.socket', 'dbus.service']
/** logind ends with the bus. */
const gone = [...bus, 'systemd-logind.service']

describe('a machine that loses its manager or its bus in the middle', { skip: outsideMachine }, () => {
  before(async () => {
    await stopWoken()
    await install({
      'rm-waits.service': shellService(
        `trap "sleep ${slowStop}; exit 0" TERM; sleep infinity & wait`,
        'KillMode=mixed',
        'TimeoutStopSec=60',
      ),
      'rm-with-it.service': `[Unit]\nRequires=rm-waits.service\nAfter=rm-waits.service\n[Service]\nExecStart=/bin/sleep infinity\n`,
    })
    await output('systemctl', 'start', 'rm-waits', 'rm-with-it')
  })
  afterEach(async () => {
    await output('systemctl', 'start', ...gone)
  })

  after(async () => {
    await output('systemctl', 'kill', '--signal=KILL', 'rm-waits')
    await output('systemctl', 'stop', 'rm-waits', 'rm-with-it')
  })

  /** Does `disturb` while the stop goes on; answers how the machine was before. */
  async function disturbed(mode: Mode, disturb: () => Promise<unknown>): Promise<MachineState> {
    const before = await machineState()
    const [command = '', ...args] = [
      ...[...restartctlCommand, 'run', ...mode.options],
      ...['--service', 'rm-waits', '--yes', '--', 'true'],
    ]
    const run = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = Promise.all([once(run, 'close') as Promise<[number | null]>, text(run.stderr)])
    const early = ended.then(([[status], messages]) => {
      throw new Error(`Ended with ${String(status)} before it was disturbed: ${messages}`)
    })
    await Promise.race([untilState('rm-waits', 'deactivating'), early])
    await disturb()
    const [[status], messages] = await ended
    assert.equal(status, 0, messages)
    return before
  }

  const again = ['rm-waits.service', 'rm-with-it.service']
  const [stopped] = modes

  it('is as before where systemd is executed anew', async () => {
    const before = await disturbed(stopped, () => output('systemctl', 'daemon-reexec'))
    assert.deepEqual(differences(before, await machineState(), again), [])
  })

  it('is as before where D-Bus is gone', async () => {
    const before = await disturbed(stopped, () => output('systemctl', 'stop', ...bus))
    await output('systemctl', 'start', ...gone)
    assert.deepEqual(differences(before, await machineState(), [...again, ...gone]), [])
  })

  for (const mode of modes) {
    it(`is as before where both happen: ${mode.name}`, async () => {
      const before = await disturbed(mode, async () => {
        await output('systemctl', 'stop', ...bus)
        await output('systemctl', 'daemon-reexec')
      })
      await output('systemctl', 'start', ...gone)
      assert.deepEqual(differences(before, await machineState(), [...again, ...gone]), [])
    })
  }
})
