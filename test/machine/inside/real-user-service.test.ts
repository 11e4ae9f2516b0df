import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { execute, makeUser, restartctl, type As } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { modes } from './modes.ts'
import { differences, machineState } from './state.ts'
import { output, until, untilExists, untilState } from './units.ts'

const uid = 4719
const name = 'rm-has-service'
const runtime = `/run/user/${uid}`
const file = `/home/${name}/data`
const user: As = { uid, environment: { XDG_RUNTIME_DIR: runtime } }

describe('a service of a user, and everything else of the user and the machine', { skip: outsideMachine }, () => {
  before(async () => {
    await makeUser(name, uid)
    writeFileSync(file, 'old')
    mkdirSync('/etc/systemd/user', { recursive: true })
    writeFileSync(
      '/etc/systemd/user/rm-holds.service',
      `[Service]\nExecStart=/bin/sh -c 'exec 3<${file}; exec sleep infinity'\n`,
    )
    writeFileSync('/etc/systemd/user/rm-other.service', '[Service]\nExecStart=/bin/sleep infinity\n')
    await output('loginctl', 'enable-linger', name)
    await untilExists(`${runtime}/systemd/private`)
    // Also where another test file has written units.
    await systemctl('daemon-reload')
    await systemctl('start', 'rm-holds', 'rm-other')
    // logind asks it whether a user may delay a shutdown. It is no failure that it is not there.
    await execute(['systemctl', 'start', 'polkit.service'])
    await until(
      'the manager of the user has done with starting',
      async () => (await systemctl('list-jobs', '--quiet')) === '',
    )
  })
  after(async () => {
    await output('loginctl', 'disable-linger', name)
    await output('systemctl', 'stop', `user@${uid}.service`)
    await untilState(`user-${uid}.slice`, 'inactive')
  })

  async function systemctl(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await execute(['systemctl', '--user', ...args], user)
    assert.equal(status, 0, stderr)
    return stdout.trim()
  }

  for (const mode of modes) {
    for (const [who, as] of [
      ['the user', user],
      ['root', {}],
    ] as const) {
      it(`are as before where ${who} changes its file: ${mode.name}`, async () => {
        const [machine, own] = [await machineState(), await machineState(systemctl)]
        const script = `echo new >${file}.new; mv ${file}.new ${file}`
        const answer = await restartctl(['run', ...mode.options, file, '--yes', '--', 'sh', '-c', script], as)
        assert.equal(answer.status, 0, answer.stderr)
        assert.deepEqual(differences(own, await machineState(systemctl), ['rm-holds.service']), [])
        assert.deepEqual(differences(machine, await machineState()), [])
      })
    }
  }
})
