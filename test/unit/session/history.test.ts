import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AffectedApplication, ApplicationStatus } from '../../../src/model/index.ts'
import { withHistory } from '../../../src/session/history.ts'
import type { ApplicationRecord } from '../../../src/store/session-store.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

function program(pid: number): AffectedApplication {
  const process = { pid, startTime: BigInt(pid) }
  return { ...anApplication(`p${pid}`), process, processes: [process] }
}

function service(name: string, pid: number, serviceManager = 'systemd'): AffectedApplication {
  return { ...program(pid), name, service: `${name}.service`, serviceManager }
}

let next = 1
function record(application: AffectedApplication, ...status: ApplicationStatus[]): ApplicationRecord {
  const id = next++
  return { id, order: id, application, status, restartRecord: null, made: null, changedAt: 0 }
}

/** Which pids run. */
function statuses(current: AffectedApplication[], records: ApplicationRecord[], running: number[] = []) {
  const isRunning = ({ pid }: { pid: number }) => running.includes(pid)
  return withHistory(current, records, { isRunning }).map(({ name, status }) => `${name}: ${status.join(' ')}`)
}

describe('The affected list with its history', () => {
  it('is the list itself where nothing has happened', () => {
    assert.deepEqual(statuses([program(1), service('a', 2)], []), ['p1: running', 'a: running'])
  })

  it('has what was stopped behind what is affected now', () => {
    assert.deepEqual(statuses([program(2)], [record(program(1), 'running', 'stopped')]), [
      'p2: running',
      'p1: running stopped',
    ])
  })

  it('knows a program by its process: started again it is another one', () => {
    assert.deepEqual(statuses([program(2)], [record(program(1), 'running', 'stopped', 'restarted')], [2]), [
      'p2: running',
      'p1: running stopped restarted',
    ])
  })

  it('knows a service by its name and its manager, whichever process it has', () => {
    assert.deepEqual(statuses([service('a', 2)], [record(service('a', 1), 'running', 'stopped', 'restarted')]), [
      'a: running stopped restarted',
    ])
    assert.deepEqual(statuses([service('a', 2)], [record(service('a', 1, 'systemd --user'), 'running', 'stopped')]), [
      'a: running',
      'a: running stopped',
    ])
  })

  it('brings several stages together, every status once', () => {
    const stages = [
      record(service('a', 1), 'running', 'stopped', 'restarted'),
      record(service('a', 2), 'running', 'error-on-stop'),
    ]
    assert.deepEqual(statuses([service('a', 2)], stages), ['a: running stopped restarted error-on-stop'])
    assert.deepEqual(statuses([], stages), ['a: running stopped restarted error-on-stop'])
  })

  it('says of a program that ended without being asked that somebody else stopped it', () => {
    assert.deepEqual(statuses([], [record(program(1), 'running')]), ['p1: running stopped-other'])
    assert.deepEqual(statuses([], [record(program(1), 'running')], [1]), ['p1: running'])
    assert.deepEqual(statuses([], [record(program(1), 'running', 'stopped')]), ['p1: running stopped'])
  })

  it('changes neither the list nor the records', () => {
    const current = [program(1)]
    const records = [record(program(1), 'running', 'shutdown-masked')]
    assert.deepEqual(statuses(current, records, [1]), ['p1: running shutdown-masked'])
    assert.deepEqual([current[0]?.status, records[0]?.status], [[], ['running', 'shutdown-masked']])
  })
})
