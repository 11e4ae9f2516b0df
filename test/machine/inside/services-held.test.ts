import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { createSystemd, type ServiceManager } from '../../../src/services/index.ts'
import { program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { differences, machineState, type MachineState } from './state.ts'
import { install, output, property, shellService, untilState } from './units.ts'

const file = '/run/rm-held.dat'
const socket = '/run/rm-held.sock'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'
const deaf = 'trap "" TERM; systemd-notify --ready; while :; do sleep 1; done'

const units = {
  'rm-held.service': shellService(`exec 9<${file}; exec sleep infinity`),
  'rm-held.socket': `[Socket]\nListenStream=${socket}\n`,
  'rm-held.timer': '[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n',
  'rm-held.path': `[Path]\nPathExists=${file}\n`,
  'rm-held-down.timer': '[Timer]\nOnCalendar=*:*:*\nUnit=rm-held.service\n',
  'rm-held.target': '[Unit]\nPartOf=rm-held.service\nWants=rm-held-wanted.service\n',
  'rm-held-wanted.service': endless,
  'run-rmheld.mount':
    '[Unit]\nBindsTo=rm-held.service\nAfter=rm-held.service\n[Mount]\nWhat=tmpfs\nWhere=/run/rmheld\nType=tmpfs\n',
  'rm-held-inside.service': `[Unit]\nRequiresMountsFor=/run/rmheld/x\n${endless}`,
  'rm-held-inside.timer': '[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n',
  'rm-held-deaf.service': shellService(deaf, 'Type=notify', 'NotifyAccess=all', 'TimeoutStopSec=120'),
  'rm-held-deaf.socket': '[Socket]\nListenStream=/run/rm-held-deaf.sock\n',
  'rm-held-deaf.timer': '[Timer]\nOnCalendar=*-*-* 03:00\n',
  'rm-held-alone.service': `[Unit]\nRefuseManualStop=no\n${endless}`,
  'rm-held-alone.timer': '[Unit]\nRefuseManualStop=yes\n[Timer]\nOnCalendar=*:*:*\n',
}
const held = ['rm-held.path', 'rm-held.socket', 'rm-held.target', 'rm-held.timer', 'run-rmheld.mount']
const own = [...held, 'rm-held.service']
const all = [...own, 'rm-held-inside.service', 'rm-held-inside.timer']

describe('units that would wake a stopped service or go down with it', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    writeFileSync(file, 'old')
    await install(units)
    // A socket cannot be started once its service runs, and the others start that at once.
    await output('systemctl', 'start', 'rm-held.socket')
    await output('systemctl', 'start', ...all)
    await output('systemctl', 'stop', 'rm-held-wanted')
    manager = createSystemd('system')
  })
  after(async () => {
    await manager.close()
    await output('systemctl', 'stop', ...all)
  })

  const states = async (names: string[]): Promise<Record<string, string>> => {
    const entries = names.map(async (name): Promise<[string, string]> => [name, await property(name, 'ActiveState')])
    return Object.fromEntries(await Promise.all(entries))
  }
  const inState = (names: string[], state: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, state]))

  /** A timer that has elapsed while its service is up runs until that ends; a timer that was just started waits. */
  async function changed(before: MachineState): Promise<string[]> {
    const lines = differences(before, await machineState(), all)
    return lines.filter((line) => !/^\S+\.timer: SubState|^rm-held-wanted/.test(line))
  }

  it('are named, each with the service that it is held for', async () => {
    const service = await manager.describe('rm-held')
    assert.deepEqual(service?.held, held)
    assert.deepEqual(service.goDownWithIt, ['rm-held-inside.service'])
    assert.deepEqual((await manager.describe('rm-held-inside'))?.held, ['rm-held-inside.timer'])
  })

  it('are down with it, do not wake it, and are given back as they were', async () => {
    const before = await machineState()
    await using session = await startSession()
    await session.register({ files: [file] })
    const { applications } = await session.list()
    assert.deepEqual(applications.map(({ name }) => name).sort(), ['rm-held', 'rm-held-inside'])
    await session.shutdown()
    assert.deepEqual(await states(all), inState(all, 'inactive'))
    assert.match(await connected(socket), /ECONNREFUSED|ENOENT/)
    writeFileSync(file, 'new')
    await nextSecond()
    assert.deepEqual(await states(all), inState(all, 'inactive'))
    await session.restart()
    assert.deepEqual(await changed(before), [])
    assert.equal(await property('rm-held-wanted', 'ActiveState'), 'inactive', 'wanted by the target, and was down')
    assert.equal(await property('rm-held-down.timer', 'ActiveState'), 'inactive', 'it was down before')
    assert.equal(await connected(socket), 'connected')
  })

  it('are given back by recover', async () => {
    const before = await machineState()
    const [command = '', ...args] = program('stops-and-waits', 'rm-held')
    const primary = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(createInterface({ input: primary.stdout }), 'line')
    primary.kill('SIGKILL')
    await once(primary, 'exit')
    assert.deepEqual(await states(all), inState(all, 'inactive'))
    const { status, stderr } = await restartctl(['recover'])
    assert.equal(status, 0, stderr)
    assert.deepEqual(await changed(before), [])
  })

  it('are as they were where the service does not stop', async () => {
    const deafUnits = ['rm-held-deaf.service', 'rm-held-deaf.socket', 'rm-held-deaf.timer']
    for (const name of deafUnits.toReversed()) await output('systemctl', 'start', name)
    await using session = await startSession()
    await session.register({ services: ['rm-held-deaf'] })
    await assert.rejects(session.shutdown({ timeouts: { serviceMs: 500 } }), { code: 'FAIL_SHUTDOWN' })
    const stop = await property('rm-held-deaf', 'Job')
    assert.notEqual(stop, '', 'a start is queued behind the stop')
    for (const name of deafUnits.slice(1)) await untilState(name, 'active')
    await output('systemctl', 'kill', '--signal', 'KILL', 'rm-held-deaf')
    await untilState('rm-held-deaf', 'active')
    assert.deepEqual(await states(deafUnits), inState(deafUnits, 'active'))
    await session.restart()
    await manager.stop('rm-held-deaf', { timeoutMs: 100, force: true, hold: deafUnits.slice(1) })
    assert.deepEqual(await states(deafUnits), inState(deafUnits, 'inactive'))
  })

  it('are left alone, and the service too, where one of them refuses to be stopped', async () => {
    const names = ['rm-held-alone.service', 'rm-held-alone.timer']
    await output('systemctl', 'start', ...names)
    const service = await manager.describe('rm-held-alone')
    assert.match(service?.notStoppable ?? '', /^rm-held-alone.timer would start it again, and refuses/)
    const { result, message } = await manager.stop('rm-held-alone', {
      timeoutMs: 5_000,
      force: true,
      hold: ['rm-held-alone.timer'],
    })
    assert.equal(result, 'failed')
    assert.match(
      message ?? '',
      /^Cannot stop rm-held-alone.service: rm-held-alone.timer would start it again, and refuses/,
    )
    assert.deepEqual(await states(names), inState(names, 'active'))
  })

  it('give up a service that was started without its socket meanwhile', async () => {
    const hold = ['rm-held.path', 'rm-held.socket', 'rm-held.timer', 'rm-held-inside.timer']
    await manager.stop('rm-held', { timeoutMs: 5_000, force: false, hold })
    await output('systemctl', 'start', 'rm-held')
    const pid = await property('rm-held', 'MainPID')
    const outcome = await manager.start('rm-held', { timeoutMs: 5_000, giveBack: held, wasDown: true })
    assert.equal(outcome.message, null)
    assert.notEqual(await property('rm-held', 'MainPID'), pid)
    assert.deepEqual(await states(own), inState(own, 'active'))
  })
})

/** `connected`, or the code of the error. */
async function connected(path: string): Promise<string> {
  const client = connect(path)
  try {
    await once(client, 'connect')
    return 'connected'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? ''
  } finally {
    client.destroy()
  }
}

/** Waits until a timer that elapses each second has had its chance: until another one has. */
async function nextSecond(): Promise<void> {
  const unit = 'rm-held-clock'
  await install({
    [`${unit}.service`]: '[Service]\nType=oneshot\nExecStart=/bin/touch /run/rm-held-clock\n',
    [`${unit}.timer`]: '[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n',
  })
  await output('systemctl', 'start', `${unit}.timer`)
  const elapsed = async () => await property(`${unit}.timer`, 'LastTriggerUSecMonotonic')
  await untilState(`${unit}.timer`, 'active')
  const first = await elapsed()
  while ((await elapsed()) === first) await new Promise((resolve) => setTimeout(resolve, 20))
  await output('systemctl', 'stop', `${unit}.timer`)
}
