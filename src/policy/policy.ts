import type { AppliedRule, PolicyAction } from '../model/index.ts'
import type { Glob } from './glob.ts'

/** A rule: all that it names must hold, and of each any one. */
export interface Rule extends AppliedRule {
  /** The names of units, `postgresql@*.service`; null where any application is meant. */
  services: Pattern[] | null
  executables: Pattern[] | null
  /** Names or numbers. */
  users: (string | number)[] | null
}

export interface Pattern {
  text: string
  matches: Glob
}

/** The administrator's rules in the order in which they were read. */
export interface Policy {
  /** The files that were read. */
  files: string[]
  rules: Rule[]
  /** Why the folder that the environment names was not read; null where it was, or none is named. */
  ignored: string | null
}

export const noPolicy: Policy = { files: [], rules: [], ignored: null }

/** What rules look at. */
export interface Subject {
  /** All names of the unit, aliases included; empty where it is no service. */
  services: string[]
  /** The main one first; a service may have none. */
  processes: { executable: string | null; uid: number; user: string | null }[]
}

/**
 * Of which processes a rule must hold. What protects holds as soon as one of them is meant, as they are stopped together;
 * what takes protection away must hold for all of them.
 */
const reach: Record<PolicyAction, 'some' | 'every' | 'main'> = {
  critical: 'some',
  'no-shutdown': 'some',
  'no-restart': 'some',
  ordinary: 'every',
  restart: 'main',
}

/** The last rule that matches; null where none does. */
export function decide({ rules }: Policy, subject: Subject): AppliedRule | null {
  const rule = rules.findLast((one) => matches(one, subject))
  return rule ? { action: rule.action, why: rule.why, file: rule.file, line: rule.line } : null
}

function matches({ action, services, executables, users }: Rule, subject: Subject): boolean {
  if (services && !subject.services.some((name) => services.some((pattern) => pattern.matches(name)))) {
    return false
  }
  if (!executables && !users) return true
  const meant = subject.processes.map(
    ({ executable, uid, user }) =>
      (!executables || executables.some((pattern) => executable !== null && pattern.matches(executable))) &&
      (!users || users.some((one) => one === uid || one === user)),
  )
  if (reach[action] === 'main') return meant[0] === true
  return reach[action] === 'some' ? meant.includes(true) : meant.length > 0 && !meant.includes(false)
}
