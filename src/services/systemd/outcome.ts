import type { ServiceOutcome } from '../service-manager.ts'
import type { Refusal } from './bus-errors.ts'

/** What is asked of a service. */
export type Verb = 'stop' | 'start'

export function done(forced = false): ServiceOutcome {
  return { result: 'done', forced, message: null, journal: [] }
}

/** `reason` says what is, without a capital and a full stop. */
export function failed(verb: Verb, name: string, reason: string): ServiceOutcome {
  return { result: 'failed', forced: false, message: `Cannot ${verb} ${name}: ${reason}`, journal: [] }
}

export function timedOut(verb: Verb, name: string, timeoutMs: number, forced = false): ServiceOutcome {
  const way = forced ? `within ${timeoutMs} ms nor after its processes were killed` : `within ${timeoutMs} ms`
  const state = verb === 'stop' ? 'it did not stop' : 'it did not come up'
  return { result: 'timeout', forced, message: `Cannot ${verb} ${name}: ${state} ${way}`, journal: [] }
}

const notAllowed = new Set([
  'org.freedesktop.DBus.Error.AccessDenied',
  'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
])

/** An error that the manager answered with, for a person. */
export function refused(verb: Verb, name: string, refusal: Refusal): ServiceOutcome {
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

const serviceResults: Record<string, string> = {
  'exit-code': 'one of its processes ended with an error',
  signal: 'one of its processes was killed by a signal',
  'core-dump': 'one of its processes crashed',
  timeout: 'it took longer than its unit allows',
  protocol: 'it did not report as its unit says it would',
  resources: 'something it needs is missing',
  watchdog: 'it stopped reporting to the watchdog',
  'oom-kill': 'the kernel ended it for want of memory',
  'start-limit-hit': 'it was started too often in a short time',
}

/** The property Result of a service that failed (systemd.exec(5), $SERVICE_RESULT). */
export function serviceReason(result: string): string {
  return `${serviceResults[result] ?? 'it failed'} (Result=${result})`
}
