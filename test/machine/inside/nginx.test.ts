import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { identifyProcess, startSession, type PrimarySession, type Progress } from '../../../src/index.ts'
import { outsideMachine } from './machine-only.ts'
import { nginxConfiguration, nginxLog, nginxProgram, nginxWorkers, startNginx, type Nginx } from './nginx.ts'
import { property } from './units.ts'

// The main job, step by step: one session, in this order.
describe("an update of Debian's nginx", { skip: outsideMachine }, () => {
  let nginx: Nginx
  let session: PrimarySession
  let firstPid: number

  before(async () => {
    nginx = await startNginx()
    firstPid = await nginx.mainPid()
    session = await startSession()
    await session.register({ files: [nginxProgram, nginxConfiguration, nginxLog] })
  })
  after(async () => {
    await session[Symbol.asyncDispose]()
  })

  it('finds nginx as one application with its master and workers', async () => {
    const { applications, rebootReasons, uninspected } = await session.list()
    assert.deepEqual([rebootReasons, uninspected], [[], []])
    const [application] = applications
    assert.ok(application)
    assert.equal(applications.length, 1)
    const { process, processes, name, type, service, serviceManager, status, restartable, critical } = application
    assert.deepEqual(
      { name, type, service, serviceManager, status, restartable, critical },
      {
        name: 'nginx',
        type: 'service',
        service: 'nginx.service',
        serviceManager: 'systemd',
        status: ['running'],
        restartable: true,
        critical: null,
      },
    )
    assert.deepEqual(process, await identifyProcess(firstPid))
    assert.deepEqual(processes[0], process, 'the master first')
    assert.equal(processes.length, 1 + nginxWorkers)
    assert.equal(application.executable, nginxProgram)
    assert.deepEqual(application.user, { uid: 0, name: 'root' })
  })

  it('names the files that make it affected, for each of its processes, and not the file that it has only read', async () => {
    const [application] = (await session.list()).applications
    assert.ok(application)
    const pids = application.processes.map(({ pid }) => pid).sort()
    const users = (path: string, as: string) =>
      application.uses.filter((use) => use.path === path && use.as === as).map(({ process }) => process.pid)
    assert.deepEqual([...new Set(users(nginxProgram, 'executable'))].sort(), pids)
    assert.deepEqual([...new Set(users(nginxLog, 'open'))].sort(), pids)
    assert.equal(application.uses.filter(({ path }) => path === nginxConfiguration).length, 0)
    assert.ok(application.uses.every(({ replaced }) => !replaced))
  })

  it('stops it', async () => {
    assert.equal(await nginx.answer(), 'old')
    const reports: Progress[] = []
    const { applications } = await session.shutdown({ onProgress: (progress) => reports.push(progress) })
    const rows = applications.map(({ application, outcome, forced, error }) => [
      application.name,
      outcome,
      forced,
      error,
    ])
    assert.deepEqual(rows, [['nginx', 'stopped', false, null]])
    assertIncreasing(reports)
    assert.equal(await property('nginx', 'ActiveState'), 'inactive')
    await assert.rejects(nginx.answer(), { code: 'ECONNREFUSED' })
  })

  it('lists it as stopped', async () => {
    const { applications, rebootReasons } = await session.list()
    assert.deepEqual(rebootReasons, [])
    assert.deepEqual(
      applications.map(({ service, status }) => [service, status]),
      [['nginx.service', ['running', 'stopped']]],
    )
    assert.equal((await session.summary()).state, 'stopped')
  })

  it('starts it with its new configuration', async () => {
    nginx.configure('new')
    const reports: Progress[] = []
    const { applications } = await session.restart({ onProgress: (progress) => reports.push(progress) })
    assertIncreasing(reports)
    const pid = await nginx.mainPid()
    assert.deepEqual(
      applications.map(({ application, outcome, error }) => [application.process.pid, outcome, error]),
      [[pid, 'restarted', null]],
    )
    assert.notEqual(pid, firstPid)
    assert.equal(await nginx.answer(), 'new')
  })

  it('lists it as stopped and restarted, with its new processes', async () => {
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ status }) => status),
      [['running', 'stopped', 'restarted']],
    )
    assert.deepEqual(applications[0]?.process, await identifyProcess(await nginx.mainPid()))
    assert.equal((await session.summary()).state, 'open')
  })

  it('has nothing to start a second time', async () => {
    const pid = await nginx.mainPid()
    assert.deepEqual((await session.restart()).applications, [])
    assert.equal(await nginx.mainPid(), pid)
  })
})

function assertIncreasing(reports: Progress[]): void {
  const percents = reports.map(({ percent }) => percent)
  assert.deepEqual(
    percents,
    [...new Set(percents)].sort((a, b) => a - b),
  )
  assert.equal(percents.at(-1), 100)
}
