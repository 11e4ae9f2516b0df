import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { createSystemd, type Service, type ServiceOutcome } from '../../../src/services/index.ts'
import { execute, makeUser } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { output, untilExists } from './units.ts'

const uid = 4732
const runtime = `/run/user/${uid}`
const environment = { XDG_RUNTIME_DIR: runtime }
const folder = '/etc/systemd/user'
const done = { result: 'done', forced: false, message: null, journal: [], left: [] }

const units = {
  'rm-users.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'rm-users.timer': '[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n',
  'rm-users.socket': '[Socket]\nListenStream=%t/rm-users.sock\n',
  'rm-users-part.service': `[Unit]\nPartOf=rm-users.service\nAfter=rm-users.service\n[Service]\nExecStart=/bin/sleep infinity\n`,
  'rm-users-fails.service': '[Service]\nType=exec\nExecStart=/bin/false\n',
}
const held = ['rm-users.socket', 'rm-users.timer']
const all = ['rm-users.service', 'rm-users-part.service', ...held]
type Verb = 'describe' | 'stop' | 'start' | 'restart'
type Ask = (verb: Verb, name: string, options?: object) => Promise<unknown>

/** The user's own manager, asked by that user. */
async function asOwner(verb: Verb, name: string, options: object = {}): Promise<unknown> {
  const program = `
    import { createSystemd } from '${import.meta.resolve('../../../src/services/index.ts')}'
    console.log(JSON.stringify(await createSystemd('user').${verb}('${name}', ${JSON.stringify(options)})))`
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program]
  const { stdout, stderr } = await execute(command, { uid, environment })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout)
}

describe('the services of a user', { skip: outsideMachine }, () => {
  before(async () => {
    await makeUser('rm-users', uid)
    mkdirSync(folder, { recursive: true })
    for (const [name, definition] of Object.entries(units)) writeFileSync(`${folder}/${name}`, definition)
    await output('loginctl', 'enable-linger', 'rm-users')
    await untilExists(`${runtime}/systemd/private`)
  })
  after(async () => {
    await systemctl('stop', ...all)
    for (const name of Object.keys(units)) rmSync(`${folder}/${name}`)
  })

  async function systemctl(...args: string[]): Promise<string> {
    return (await execute(['systemctl', '--user', ...args], { uid, environment })).stdout.trim()
  }
  const states = async () => (await systemctl('is-active', ...all)).split('\n')
  const pids = async () => {
    const shown = await Promise.all(
      ['rm-users', 'rm-users-part'].map((name) => systemctl('show', '-P', 'MainPID', name)),
    )
    return shown.map(Number)
  }

  const asRoot: Ask = async (verb, name, options = {}) => {
    const manager = createSystemd({ uid })
    try {
      return await (manager[verb] as (name: string, options: object) => Promise<unknown>)(name, options)
    } finally {
      await manager.close()
    }
  }

  for (const [who, ask, tool] of [
    ['that user', asOwner, 'systemctl --user'],
    ['root', asRoot, `systemctl --user --machine=${uid}@`],
  ] as [string, Ask, string][]) {
    it(`are held, given back and restarted by ${who}`, async () => {
      await systemctl('start', 'rm-users.socket')
      await systemctl('start', ...all)
      const service = (await ask('describe', 'rm-users')) as Service
      assert.deepEqual([service.held, service.goDownWithIt], [held, ['rm-users-part.service']])
      const before = await pids()
      assert.deepEqual(await ask('restart', 'rm-users', { timeoutMs: 10_000 }), done)
      const between = await pids()
      between.forEach((pid, index) => assert.notEqual(pid, before[index]))
      assert.deepEqual(await ask('stop', 'rm-users', { timeoutMs: 10_000, force: false, hold: held }), done)
      assert.deepEqual(
        await states(),
        all.map(() => 'inactive'),
      )
      assert.deepEqual(await ask('start', 'rm-users', { timeoutMs: 10_000, giveBack: held }), done)
      assert.deepEqual(await ask('start', 'rm-users-part', { timeoutMs: 10_000, giveBack: [] }), done)
      assert.deepEqual(
        await states(),
        all.map(() => 'active'),
      )
      for (const pid of await pids())
        assert.match(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), new RegExp(`user@${uid}`))
    })

    it(`say to ${who} what to type`, async () => {
      const { message } = (await ask('start', 'rm-users-fails', { timeoutMs: 10_000, giveBack: [] })) as ServiceOutcome
      assert.equal(
        message,
        `Cannot start rm-users-fails.service: its main process ended with exit status 1 (Result=exit-code); it is now failed; to try again: ${tool} start rm-users-fails.service`,
      )
    })
  }
})
