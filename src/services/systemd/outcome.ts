import type { ServiceOutcome } from '../service-manager.ts'
import type { Refusal } from './bus-errors.ts'
import type { JobVerb } from './manager.ts'

export function done(): ServiceOutcome {
  return { result: 'done', forced: false, message: null, journal: [], left: [] }
}

/** `reason` says what is, without a capital and a full stop. */
export function failed(verb: JobVerb, name: string, reason: string): ServiceOutcome {
  return { ...done(), result: 'failed', message: `Cannot ${verb} ${name}: ${reason}` }
}

const late: Record<JobVerb, string> = {
  stop: 'it did not stop',
  start: 'it did not come up',
  restart: 'it was not down and up again',
}

export function timedOut(verb: JobVerb, name: string, timeoutMs: number, forced = false): ServiceOutcome {
  const way = `within ${timeoutMs / 1000} s${forced ? ' nor after its processes were killed' : ''}`
  return { ...failed(verb, name, `${late[verb]} ${way}`), result: 'timeout', forced }
}

/** It is not started, and that is no failure. */
export function withdrawn(reason: string): ServiceOutcome {
  return { ...done(), result: 'withdrawn', message: reason }
}

const notAllowed = new Set([
  'org.freedesktop.DBus.Error.AccessDenied',
  'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
])

/** An error that the manager answered with, for a person. */
export function refused(verb: JobVerb, name: string, refusal: Refusal): ServiceOutcome {
  const denied = notAllowed.has(refusal.errorName)
  return failed(verb, name, denied ? `the caller may not (${refusal.message})` : refusal.message)
}

const jobResults: Record<string, string> = {
  canceled: 'another job for it took the place of this one',
  dependency: 'something it depends on did not start',
  timeout: 'its job took longer than its unit allows',
  skipped: 'its unit does not apply now',
  assert: 'an assertion of its unit does not hold',
  unsupported: 'units of its type are not supported here',
}

/** The result of a job that is not `done` (org.freedesktop.systemd1(5), JobRemoved). */
export function jobReason(result: string): string {
  return jobResults[result] ?? `the job ended as "${result}"`
}
