import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Service, ServiceOutcome } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, untilExists } from './units.ts'

const run = promisify(execFile)
const services = import.meta.resolve('../../../src/services/index.ts')
const uid = 4711
const runtime = `/run/user/${uid}`
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'

/** What an expression of `manager` comes to in a program of an ordinary user. */
async function asUser(scope: 'system' | 'user', expression: string): Promise<unknown> {
  const program = `
    import { createSystemd } from '${services}'
    const manager = createSystemd('${scope}')
    console.log(JSON.stringify(await (${expression})))`
  const user = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups']
  const { stdout } = await run('setpriv', [...user, process.execPath, '--input-type=module', '--eval', program], {
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: runtime },
    timeout: 30_000,
  })
  return JSON.parse(stdout)
}

describe('systemd for a user who is not root', { skip: outsideMachine }, () => {
  before(async () => {
    await output('useradd', '--uid', String(uid), '--user-group', '--create-home', 'rm-user')
    await install({ 'rm-of-root.service': endless })
    await output('systemctl', 'start', 'rm-of-root')
    mkdirSync('/etc/systemd/user', { recursive: true })
    writeFileSync('/etc/systemd/user/rm-of-user.service', endless)
    writeFileSync('/etc/systemd/user/rm-user-fails.service', '[Service]\nType=exec\nExecStart=/nonexistent/program\n')
    await output('loginctl', 'enable-linger', 'rm-user')
    await untilExists(`${runtime}/systemd/private`)
  })

  describe('a service of the machine', () => {
    it('is described as out of reach', async () => {
      const { state, notStoppable, notStartable } = (await asUser(
        'system',
        "manager.describe('rm-of-root')",
      )) as Service
      assert.equal(state, 'active')
      assert.match(notStoppable ?? '', /the caller is not root/)
      assert.match(notStartable ?? '', /the caller is not root/)
    })

    it('is not stopped', async () => {
      const stop = "manager.stop('rm-of-root', { timeoutMs: 20_000, force: true, hold: [] })"
      const { result, message } = (await asUser('system', stop)) as ServiceOutcome
      assert.equal(result, 'failed')
      assert.match(message ?? '', /^Cannot stop rm-of-root.service: the caller may not/)
      assert.equal(await property('rm-of-root', 'ActiveState'), 'active')
    })
  })

  describe('a service of the user', () => {
    it('is started, described and stopped', async () => {
      const outcome = { result: 'done', forced: false, message: null, journal: [], left: [] }
      assert.deepEqual(
        await asUser('user', "manager.start('rm-of-user', { timeoutMs: 20_000, giveBack: [] })"),
        outcome,
      )
      const service = (await asUser('user', "manager.describe('rm-of-user')")) as Service
      assert.equal(service.state, 'active')
      assert.equal(service.notStoppable, null)
      assert.equal(service.notStartable, null)
      const group = `require('fs').readFileSync('/proc/${String(service.mainPid)}/cgroup', 'utf8').match(/^0::(.*)$/m)[1]`
      assert.deepEqual(
        await asUser('user', `manager.membershipOf(${group.replace('require', 'process.getBuiltinModule')})`),
        {
          service: 'rm-of-user.service',
          session: null,
        },
      )
      assert.deepEqual(
        await asUser('user', "manager.stop('rm-of-user', { timeoutMs: 20_000, force: false, hold: [] })"),
        outcome,
      )
    })

    it('says why it did not start', async () => {
      const { message } = (await asUser(
        'user',
        "manager.start('rm-user-fails', { timeoutMs: 20_000, giveBack: [] })",
      )) as ServiceOutcome
      assert.match(message ?? '', /^Cannot start rm-user-fails.service: .*Result=exit-code/)
    })
  })
})
