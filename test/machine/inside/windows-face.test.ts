import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import {
  RM_APP_STATUS,
  RM_APP_TYPE,
  RM_FILTER_ACTION,
  RM_INVALID_TS_SESSION,
  RmAddFilter,
  RmGetFilterList,
  RmRegisterResources,
  RmRemoveFilter,
  RmRestart,
  RmShutdown,
  type RM_PROCESS_INFO,
} from '../../../src/rstrtmgr.ts'
import { startTestSession, wholeList, type TestSession } from '../../conformance/installer.ts'
import { Folder } from '../../support/folder.ts'
import { startTakingPart, type TakingPart } from '../../support/taking-part.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property } from './units.ts'

const name = `rm-face-${'n'.repeat(70)}`
const unit = `${name}.service`
const { RmStatusRunning, RmStatusStopped, RmStatusRestarted, RmStatusShutdownMasked } = RM_APP_STATUS

describe('services by the functions of Windows', { skip: outsideMachine }, () => {
  let folder: Folder
  let session: TestSession
  let program: TakingPart

  before(async () => {
    await install({
      [unit]: [
        '[Service]',
        'ExecStart=/bin/sleep 600',
        "ExecStartPost=-/bin/sh -c 'echo service up >>/run/rm-face.log'",
        "ExecStop=-/bin/sh -c 'echo service down >>/run/rm-face.log'",
        '',
      ].join('\n'),
    })
  })
  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    program = await startTakingPart(folder, 'program', 'registered')
    await output('systemctl', 'start', unit)
    await output('ln', '-sf', folder.path('program.log'), '/run/rm-face.log')
    session = await startTestSession([program.file])
    assert.equal(await RmRegisterResources(session.handle, null, null, [name, 'restart-manager-has-none']), 0)
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    await program[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  after(async () => {
    await output('systemctl', 'stop', unit)
  })

  async function service(): Promise<RM_PROCESS_INFO> {
    const { affectedApps } = await wholeList(session.handle)
    const entry = affectedApps.find(({ ApplicationType }) => ApplicationType === RM_APP_TYPE.RmService)
    assert.ok(entry)
    return entry
  }

  it('stops programs before services, and starts services before programs', async () => {
    const entry = await service()
    assert.equal(entry.strServiceShortName, name.slice(0, 63))
    assert.equal(entry.strAppName, name)
    assert.equal(entry.TSSessionId, RM_INVALID_TS_SESSION)
    assert.equal(entry.bRestartable, true)
    assert.equal(entry.Process.dwProcessId, Number(await property(unit, 'MainPID')))
    assert.equal(await RmShutdown(session.handle, 0), 0)
    assert.equal(await property(unit, 'ActiveState'), 'inactive')
    assert.equal((await service()).AppStatus, RmStatusRunning | RmStatusStopped)
    assert.deepEqual(program.log(), ['asked close-app', 'saved', 'service down'])
    assert.equal(await RmRestart(session.handle, 0), 0)
    assert.equal(await property(unit, 'ActiveState'), 'active')
    assert.equal((await service()).AppStatus, RmStatusRunning | RmStatusStopped | RmStatusRestarted)
    assert.deepEqual(
      program
        .log()
        .slice(3)
        .map((line) => line.replace(/ \d+$/, '')),
      ['service up', 'again'],
    )
  })

  it('spares a service with a filter NoShutdown', async () => {
    const { RmNoShutdown } = RM_FILTER_ACTION
    assert.equal(await RmAddFilter(session.handle, null, null, name, RmNoShutdown), 0)
    const list = await RmGetFilterList(session.handle, 1)
    assert.ok(list.error === 0 && list.filters[0]?.FilterTrigger === 3)
    assert.equal(list.filters[0].strServiceShortName, name)
    assert.equal(await RmShutdown(session.handle, 0), 0)
    assert.equal(await property(unit, 'ActiveState'), 'active')
    assert.equal((await service()).AppStatus, RmStatusRunning | RmStatusShutdownMasked)
    assert.equal(await RmRemoveFilter(session.handle, null, null, name), 0)
    assert.equal(await RmRestart(session.handle, 0), 0)
  })
})
