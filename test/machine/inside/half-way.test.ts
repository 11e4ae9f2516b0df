import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { afterEach, before, describe, it } from 'node:test'
import {
  listSessions,
  OperationError,
  startSession,
  type ApplicationResult,
  type ShutdownResult,
} from '../../../src/index.ts'
import { jsonLines, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { startNginx, type Nginx } from './nginx.ts'
import { install, output, property, shellService, until } from './units.ts'

const needed = '/run/rm-needed.dat'
const deaf = 'trap "" TERM; systemd-notify --ready; while :; do sleep 0.1; done'
const announced = ['Type=notify', 'NotifyAccess=all']
const down = ['inactive', 'failed']
const timeouts = { serviceMs: 1_500 }

const units = {
  'rm-deaf.service': shellService(deaf, ...announced, 'TimeoutStopSec=600'),
  'rm-deaf-for-3s.service': shellService(deaf, ...announced, 'TimeoutStopSec=3'),
  'rm-needs-deaf.service': `[Unit]\nRequires=rm-deaf.service\nAfter=rm-deaf.service\n${shellService('exec sleep infinity')}`,
  'rm-wants-seldom.service': `[Unit]\nWants=rm-seldom.service\n${shellService('exec sleep infinity')}`,
  'rm-seldom.service': `[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=1\n${shellService('exec sleep infinity')}`,
  'rm-picky.service': shellService(
    `cat ${needed} || exit 3; systemd-notify --ready; exec sleep infinity`,
    ...announced,
  ),
}

describe('a shutdown or restart that fails half-way', { skip: outsideMachine }, () => {
  let nginx: Nginx

  before(async () => {
    nginx = await startNginx()
    await install(units)
    writeFileSync(needed, 'here')
  })
  afterEach(async () => {
    // What did not come back stays on record.
    rmSync('/run/restart-manager', { recursive: true, force: true })
    const names = Object.keys(units)
    await output('systemctl', 'stop', '--no-block', ...names)
    for (const name of names) await output('systemctl', 'kill', '--signal', 'KILL', name).catch(() => undefined)
    for (const name of names)
      await until(`${name} is down`, async () => down.includes(await property(name, 'ActiveState')))
    await output('systemctl', 'reset-failed').catch(() => undefined)
    await output('systemctl', 'start', 'nginx')
  })

  const rowOf = (rows: ApplicationResult[], service: string) => {
    const row = rows.find(({ application }) => application.service === `${service}.service`)
    assert.ok(row, `a row for ${service}`)
    return row
  }
  const failureOf = async <Result>(operation: Promise<unknown>, code: string): Promise<Result> => {
    const error = await operation.then(
      () => assert.fail(`wanted ${code}`),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof OperationError, String(error))
    assert.equal(error.code, code)
    return error.result as Result
  }

  describe('where a service ignores the request to stop', () => {
    it('starts the others again, and says which one it was', async () => {
      await output('systemctl', 'start', 'rm-deaf')
      const before = [await nginx.mainPid(), Number(await property('rm-deaf', 'MainPID'))]
      await using session = await startSession()
      await session.register({ services: ['nginx', 'rm-deaf'] })
      const result = await failureOf<ShutdownResult>(session.shutdown({ timeouts }), 'FAIL_SHUTDOWN')
      const { outcome, error, forced } = rowOf(result.applications, 'rm-deaf')
      assert.deepEqual([outcome, forced], ['error-on-stop', false])
      assert.match(error ?? '', /did not stop within 1.5 s/)
      assert.equal(rowOf(result.applications, 'nginx').outcome, 'stopped')
      assert.equal(rowOf(result.restartedAfterFailure, 'nginx').outcome, 'restarted')
      assert.equal(await nginx.answer(), 'old')
      assert.notEqual(await nginx.mainPid(), before[0])
      process.kill(before[1] ?? 0, 0)
      const { applications } = await session.list()
      const status = Object.fromEntries(applications.map((one) => [one.name, one.status]))
      assert.deepEqual(status['nginx'], ['running', 'stopped', 'restarted'])
      assert.deepEqual(status['rm-deaf'], ['running', 'error-on-stop'])
    })

    it('is up again when it does stop later, as systemd kills it in the end', async () => {
      await output('systemctl', 'start', 'rm-deaf-for-3s')
      const before = await property('rm-deaf-for-3s', 'MainPID')
      await using session = await startSession()
      await session.register({ services: ['nginx', 'rm-deaf-for-3s'] })
      await failureOf(session.shutdown({ timeouts }), 'FAIL_SHUTDOWN')
      const stateNow = () => property('rm-deaf-for-3s', 'ActiveState')
      await until('it is settled', async () => {
        const state = await stateNow()
        return state === 'active' || (down.includes(state) && (await property('rm-deaf-for-3s', 'Job')) === '')
      })
      assert.equal(await stateNow(), 'active')
      assert.notEqual(await property('rm-deaf-for-3s', 'MainPID'), before)
    })

    it('does not say that something was started again that was not', async () => {
      await output('systemctl', 'start', 'rm-needs-deaf')
      await using session = await startSession()
      await session.register({ services: ['rm-deaf'] })
      const failure = await session
        .shutdown({ timeouts })
        .catch((error: unknown) => error as OperationError<ShutdownResult>)
      assert.ok(failure instanceof OperationError)
      const row = rowOf(failure.result.restartedAfterFailure, 'rm-needs-deaf')
      assert.equal(row.outcome, 'error-on-restart')
      assert.doesNotMatch(failure.message, /was started again \(1\)/)
      assert.match(failure.message, /stopped and not back: rm-needs-deaf/)
    })

    it('kills it with force', async () => {
      await output('systemctl', 'start', 'rm-deaf')
      await using session = await startSession()
      await session.register({ services: ['nginx', 'rm-deaf'] })
      const { applications } = await session.shutdown({ timeouts, force: true })
      assert.deepEqual(
        ['nginx', 'rm-deaf'].map((name) => [rowOf(applications, name).outcome, rowOf(applications, name).forced]),
        [
          ['stopped', false],
          ['stopped', true],
        ],
      )
      const restarted = await session.restart()
      assert.ok(restarted.applications.every(({ outcome }) => outcome === 'restarted'))
      assert.equal(await property('rm-deaf', 'ActiveState'), 'active')
    })

    it('ends restartctl run with 4, and COMMAND does not run', async () => {
      await output('systemctl', 'start', 'rm-deaf')
      const services = ['--service', 'nginx', '--service', 'rm-deaf']
      const answer = await restartctl([
        ...['run', ...services, '--yes', '--timeout', '1', '--json'],
        ...['--', 'touch', '/run/rm-half-way-ran'],
      ])
      assert.equal(answer.status, 4, answer.stderr)
      assert.match(answer.stderr, /rm-deaf/)
      const lines = jsonLines(answer)
      assert.ok(!lines.some(({ type }) => type === 'command'))
      const { type, exitCode, error } = lines.at(-1) ?? {}
      assert.deepEqual([type, exitCode, (error as { code: string }).code], ['result', 4, 'FAIL_SHUTDOWN'])
      assert.equal(await nginx.answer(), 'old')
    })
  })

  describe('where a service does not come back', () => {
    it('starts the others, shows its journal, and starts it at the next try', async () => {
      await output('systemctl', 'start', 'rm-picky')
      await using session = await startSession()
      await session.register({ services: ['nginx', 'rm-picky'] })
      await session.shutdown()
      rmSync(needed)
      const result = await failureOf<ShutdownResult>(session.restart(), 'FAIL_RESTART')
      const { outcome, error, journal } = rowOf(result.applications, 'rm-picky')
      assert.equal(outcome, 'error-on-restart')
      assert.match(error ?? '', /Cannot start rm-picky.service: /)
      assert.match(journal.join('\n'), /cat: \/run\/rm-needed.dat: No such file or directory/)
      assert.equal(rowOf(result.applications, 'nginx').outcome, 'restarted')
      assert.equal(await nginx.answer(), 'old')
      assert.deepEqual((await session.summary()).stopped, ['rm-picky'])

      writeFileSync(needed, 'here again')
      const again = await session.restart()
      assert.deepEqual(
        again.applications.map(({ application, outcome }) => [application.name, outcome]),
        [['rm-picky', 'restarted']],
      )
      assert.equal(await property('rm-picky', 'ActiveState'), 'active')
      const list = await session.list()
      const status = list.applications.find(({ name }) => name === 'rm-picky')?.status
      assert.deepEqual(status, ['running', 'stopped', 'error-on-restart', 'restarted'])
    })

    it('is started also where systemd counts too many starts', async () => {
      await output('systemctl', 'start', 'rm-wants-seldom')
      await using session = await startSession()
      await session.register({ services: ['rm-seldom'] })
      await session.shutdown()
      const { applications } = await session.restart()
      assert.equal(rowOf(applications, 'rm-seldom').outcome, 'restarted')
    })

    it('ends restartctl run with 5, and shows its journal', async () => {
      await output('systemctl', 'start', 'rm-picky')
      const services = ['--service', 'nginx', '--service', 'rm-picky']
      const { status, stderr } = await restartctl(['run', ...services, '--yes', '--', 'rm', needed])
      writeFileSync(needed, 'here')
      assert.equal(status, 5, stderr)
      assert.match(stderr, /cat: \/run\/rm-needed.dat: No such file or directory/)
      assert.match(stderr, /journalctl --unit rm-picky.service/)
      assert.match(stderr, /stays on record; start it again: restartctl recover/)
      const left = await listSessions()
      assert.deepEqual(
        left.map(({ state, stopped }) => [state, stopped]),
        [['abandoned', ['rm-picky']]],
      )
      assert.equal(await nginx.answer(), 'old')
    })

    it('ends restartctl run with the code of COMMAND where that has failed as well', async () => {
      await output('systemctl', 'start', 'rm-picky')
      const fails = ['sh', '-c', `rm ${needed}; exit 7`]
      const { status, stderr } = await restartctl(['run', '--service', 'rm-picky', '--yes', '--', ...fails])
      writeFileSync(needed, 'here')
      assert.ok(status === 7 || status === 5, stderr)
      assert.match(stderr, /rm-picky/)
    })
  })
})
