import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'node:test'
import {
  listSessions,
  recover,
  startSession,
  type InPlaceResult,
  type RestartManagerError,
} from '../../../src/index.ts'
import { jsonLines, restartctl, restartctlCommand } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { differences, machineState } from './state.ts'
import { install, output, property, shellService, until } from './units.ts'

const folder = '/opt/rm-in-place'
const slowStop = 15

/** A program of its own for a service: a copy of sleep. */
const programOf = (name: string) => `${folder}/${name}`
const running = (name: string) => `[Service]\nExecStart=${programOf(name)} infinity\n`

/** Shell that puts another file in the place of a program, as an installer does. */
const replace = (name: string) => `cp /bin/sleep ${programOf(name)}.new; mv ${programOf(name)}.new ${programOf(name)}`

const chain = ['rm-place-base.service', 'rm-place-middle.service', 'rm-place-top.service']
const requires = (name: string) => `[Unit]\nRequires=${name}\nAfter=${name}\n`
const slow = `trap "sleep ${slowStop}; exit 0" TERM; sleep infinity & wait`

const units = {
  'rm-place-old.service': running('old'),
  'rm-place-older.service': running('older'),
  'rm-place-base.service': running('base'),
  'rm-place-middle.service': `${requires('rm-place-base.service')}${shellService('exec sleep infinity')}`,
  'rm-place-top.service': `${requires('rm-place-middle.service')}${shellService('exec sleep infinity')}`,
  'rm-place-picky.service': shellService(
    `cat ${folder}/needed || exit 3; systemd-notify --ready; exec sleep infinity`,
    ...['Type=notify', 'NotifyAccess=all'],
  ),
  'rm-place-slow.service': shellService(slow, 'KillMode=mixed', 'TimeoutStopSec=60'),
}

/** What the last line of `run --in-place --json` says. */
async function run(...args: string[]) {
  const answer = await restartctl(['run', '--in-place', '--yes', '--json', ...args])
  const last = jsonLines(answer).at(-1) as { inPlace?: InPlaceResult; applications?: InPlaceResult['applications'] }
  const { applications = [], remaining = [] } = last.inPlace ?? (last as Partial<InPlaceResult>)
  const rows = applications.map(({ application: { service }, outcome }) => `${String(service)} ${outcome}`).sort()
  return { ...answer, applications, remaining, rows }
}

describe('restart in place', { skip: outsideMachine }, () => {
  before(async () => {
    mkdirSync(folder, { recursive: true })
    for (const name of ['old', 'older', 'base']) copyFileSync('/bin/sleep', programOf(name))
    await install(units)
  })
  afterEach(async () => {
    rmSync('/run/restart-manager', { recursive: true, force: true })
    for (const name of Object.keys(units)) await output('systemctl', 'kill', '--signal=KILL', name).catch(() => '')
    await output('systemctl', 'stop', ...Object.keys(units))
    await output('systemctl', 'reset-failed').catch(() => '')
  })
  after(() => rmSync(folder, { recursive: true }))

  it('restarts what goes down with a service along with it, and nothing else', async () => {
    await output('systemctl', 'start', ...chain)
    const before = await machineState()
    const { status, rows, remaining, stderr } = await run(programOf('base'), '--', 'sh', '-c', replace('base'))
    assert.deepEqual([status, remaining], [0, []], stderr)
    assert.deepEqual(rows, chain.map((name) => `${name} restarted`).sort())
    assert.deepEqual(differences(before, await machineState(), chain), [])
  })

  it('finds what COMMAND has made out of date by itself, and leaves alone what was so before', async () => {
    await output('systemctl', 'start', 'rm-place-old', 'rm-place-older')
    await output('sh', '-c', replace('older'))
    const older = await property('rm-place-older', 'MainPID')
    const { status, rows, remaining, stderr } = await run('--', 'sh', '-c', replace('old'))
    assert.deepEqual([status, rows, remaining], [0, ['rm-place-old.service restarted'], []], stderr)
    assert.equal(await property('rm-place-older', 'MainPID'), older)
  })

  it('restarts a service that is named, unless COMMAND has done so', async () => {
    await output('systemctl', 'start', 'rm-place-old')
    const first = await property('rm-place-old', 'MainPID')
    const named = await run('--service', 'rm-place-old', '--', 'true')
    assert.deepEqual([named.status, named.rows], [0, ['rm-place-old.service restarted']])
    const second = await property('rm-place-old', 'MainPID')
    assert.notEqual(second, first)
    const done = await run('--service', 'rm-place-old', '--', 'systemctl', 'restart', 'rm-place-old')
    assert.deepEqual([done.status, done.rows, done.remaining], [0, [], []])
    await output('systemctl', 'stop', 'rm-place-old')
    const down = await run('--service', 'rm-place-old', '--', 'true')
    assert.deepEqual([down.status, down.rows], [0, []])
    assert.equal(await property('rm-place-old', 'ActiveState'), 'inactive')
  })

  it('leaves alone what must not be stopped, and says what cures', async () => {
    await output('systemctl', 'start', 'rm-place-old')
    const bus = await property('dbus', 'MainPID')
    const services = ['--service', 'rm-place-old', '--service', 'dbus']
    const { status, rows, remaining } = await run(...services, '--', 'true')
    assert.deepEqual([status, rows], [0, ['rm-place-old.service restarted']])
    assert.deepEqual(
      remaining.map(({ service }) => service),
      ['dbus.service'],
    )
    assert.match(String(remaining[0]?.why), /message bus/)
    assert.match(String(remaining[0]?.cure), /reboot/)
    assert.equal(await property('dbus', 'MainPID'), bus)
    const { stderr } = await restartctl(['run', '--in-place', '--yes', '--service', 'dbus', '--', 'true'])
    assert.match(
      stderr,
      /^ {2}(Restart all of user space: systemctl soft-|Reboot: systemctl )reboot \(1\):\n {4}dbus /m,
    )
  })

  it('ends with 5 where a service does not come back, with its journal, and starts it when that is mended', async () => {
    writeFileSync(`${folder}/needed`, '')
    await output('systemctl', 'start', 'rm-place-picky')
    const { status, applications, rows } = await run('--service', 'rm-place-picky', '--', 'rm', `${folder}/needed`)
    assert.deepEqual([status, rows], [5, ['rm-place-picky.service error-on-restart']])
    assert.match(String(applications[0]?.error), /systemctl restart rm-place-picky/)
    assert.match(applications[0]?.journal.join('\n') ?? '', /No such file/)
    assert.equal((await listSessions())[0]?.state, 'abandoned')
    writeFileSync(`${folder}/needed`, '')
    await recover()
    assert.equal(await property('rm-place-picky', 'ActiveState'), 'active')
    assert.deepEqual(await listSessions(), [])
  })

  it('brings back everything where the primary is killed in the middle', async () => {
    await output('systemctl', 'start', 'rm-place-slow', 'rm-place-old')
    const first = await property('rm-place-old', 'MainPID')
    const args = ['run', '--in-place', '--yes', '--service', 'rm-place-slow', '--service', 'rm-place-old', '--', 'true']
    const [command = '', ...words] = [...restartctlCommand, ...args]
    const primary = spawn(command, words, { stdio: 'ignore' })
    await until('it stops', async () => (await property('rm-place-slow', 'ActiveState')) === 'deactivating')
    await until(
      'the other one is restarted',
      async () => !['0', first].includes(await property('rm-place-old', 'MainPID')),
    )
    const second = await property('rm-place-old', 'MainPID')
    primary.kill('SIGKILL')
    await once(primary, 'exit')
    await recover()
    assert.deepEqual(await listSessions(), [])
    await output('systemctl', 'kill', '--kill-whom=all', '--signal=KILL', 'rm-place-slow')
    await until('it is back', async () => (await property('rm-place-slow', 'ActiveState')) === 'active')
    assert.equal(await property('rm-place-old', 'MainPID'), second, 'once')
  })

  for (const operation of ['shutdown', 'restartInPlace'] as const) {
    it(`starts again what takes ${slowStop} s to stop and was cancelled in the middle: ${operation}`, async () => {
      await output('systemctl', 'start', 'rm-place-slow', 'rm-place-old')
      await using session = await startSession()
      await session.register({ services: ['rm-place-slow', 'rm-place-old'] })
      const percents: number[] = []
      const end = session[operation]({ onProgress: ({ percent }) => percents.push(percent) }).then(
        () => 'done',
        (error: unknown) => (error as RestartManagerError).code,
      )
      await until('it stops', async () => (await property('rm-place-slow', 'ActiveState')) === 'deactivating')
      await until('the other one has been dealt with', () => percents.length > 0)
      const { status } = await restartctl(['session', 'cancel', '--session', session.key])
      assert.deepEqual([status, await end, percents.at(-1)], [0, 'CANCELLED', 100])
      assert.equal((await session.summary()).state, 'stopped')
      const { remaining } = await session.restart()
      assert.deepEqual(remaining, [])
      assert.equal(await property('rm-place-old', 'ActiveState'), 'active')
      await until('it is back', async () => (await property('rm-place-slow', 'ActiveState')) === 'active')
      assert.equal((await session.summary()).state, 'open')
    })
  }
})
