import assert from 'node:assert/strict'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'node:test'
import { startSession, type OperationError, type ShutdownResult } from '../../../src/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until, untilExists } from './units.ts'

const file = '/run/rm-left.dat'
const pidFile = '/run/rm-left.pid'
const service = (child: string, mode = 'process') =>
  shellService(
    `sh /run/rm-left-${child}.sh & echo $! >${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep infinity`,
    `KillMode=${mode}`,
  )

const units = {
  'rm-left-user.service': service('user'),
  'rm-left-deaf.service': service('deaf', 'none'),
  'rm-left-other.service': service('other'),
}
const programs = {
  user: `exec 9<${file}; exec sleep infinity`,
  deaf: `trap "" TERM; exec 9<${file}; exec sleep infinity`,
  other: 'exec sleep infinity',
}

describe('processes that the unit of a service lets live', { skip: outsideMachine }, () => {
  const left: number[] = []

  before(async () => {
    writeFileSync(file, 'old')
    for (const [name, script] of Object.entries(programs)) writeFileSync(`/run/rm-left-${name}.sh`, script)
    await install(units)
  })
  afterEach(async () => {
    await output('systemctl', 'stop', 'rm-left-user', 'rm-left-deaf', 'rm-left-other')
    if (existsSync(pidFile)) left.push(Number(readFileSync(pidFile, 'utf8')))
    for (const pid of left.splice(0)) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
  })
  after(() => {
    for (const name of Object.keys(programs)) rmSync(`/run/rm-left-${name}.sh`)
  })

  /** Starts one of the services; answers the pid of the process that will live on. */
  async function childOf(name: string): Promise<number> {
    rmSync(pidFile, { force: true })
    await output('systemctl', 'start', name)
    await untilExists(pidFile)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    left.push(pid)
    return pid
  }
  const reads = (pid: number) => () => existsSync(`/proc/${pid}/fd/9`)

  it('are named where they use the files, and what to do', async () => {
    const pid = await childOf('rm-left-user')
    await until('it reads the file', reads(pid))
    await using session = await startSession()
    await session.register({ files: [file] })
    await assert.rejects(session.shutdown(), (error: OperationError<ShutdownResult>) => {
      assert.equal(error.code, 'FAIL_SHUTDOWN')
      const belongs = `process ${pid} \\(sleep\\) belongs to rm-left-user.service, whose unit lets it live \\(KillMode=process\\), and uses ${file}`
      assert.match(error.message, new RegExp(belongs))
      assert.doesNotMatch(error.message, /started while/)
      assert.match(error.hint ?? '', /^Let it finish, or end it too: .*--force$/)
      return true
    })
    assert.ok(existsSync(`/proc/${pid}`), 'it goes on')
    assert.equal(await property('rm-left-user', 'ActiveState'), 'active', 'started again')
  })

  for (const [name, forced] of [
    ['user', false],
    ['deaf', true],
  ] as const) {
    it(`are ended with force where they use the files: ${name}`, async () => {
      const pid = await childOf(`rm-left-${name}`)
      await until('it reads the file', reads(pid))
      await using session = await startSession()
      await session.register({ files: [file] })
      const { applications } = await session.shutdown({ force: true, timeouts: { applicationMs: 1_000 } })
      assert.deepEqual(
        applications.map(({ application, outcome, forced: killed }) => [application.service, outcome, killed]),
        [
          [`rm-left-${name}.service`, 'stopped', false],
          [null, 'stopped', forced],
        ],
      )
      assert.ok(!existsSync(`/proc/${pid}`))
      const { applications: back } = await session.restart()
      assert.deepEqual(back.map(({ outcome }) => outcome).sort(), ['restarted', 'stopped'])
    })
  }

  it('are nobody’s business where they do not use the files', async () => {
    const pid = await childOf('rm-left-other')
    await using session = await startSession()
    await session.register({ services: ['rm-left-other'] })
    const { applications } = await session.shutdown({ force: true })
    assert.deepEqual(
      applications.map(({ left: living }) => living?.processes.map((one) => one.pid)),
      [[pid]],
    )
    assert.ok(existsSync(`/proc/${pid}`))
    await session.restart()
  })

  it('remain after a restart in place', async () => {
    const pid = await childOf('rm-left-user')
    await until('it reads the file', reads(pid))
    await using session = await startSession()
    await session.register({ files: [file] })
    writeFileSync(`${file}.new`, 'new')
    renameSync(`${file}.new`, file)
    const { applications, remaining } = await session.restartInPlace()
    assert.deepEqual(
      applications.map(({ outcome, error }) => [outcome, error]),
      [['restarted', null]],
    )
    assert.deepEqual(
      remaining.map(({ why }) => why),
      [`process ${pid} belongs to rm-left-user.service, whose unit lets it live (KillMode=process), and uses ${file}`],
    )
  })
})
