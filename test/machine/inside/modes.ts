import assert from 'node:assert/strict'
import { restartctl, type Answer } from './commands.ts'
import { differences, machineState } from './state.ts'

/** The two ways of `restartctl run`, and what COMMAND sees of a service that is named to it. */
export const modes = [
  { name: 'stopped while COMMAND runs', options: [], meanwhile: 'inactive' },
  { name: 'in place', options: ['--in-place'], meanwhile: 'active' },
] as const
export type Mode = (typeof modes)[number]

export interface Change {
  /** RESOURCE of restartctl: `--service nginx`. */
  resources: string[]
  /** The units that run anew afterwards; COMMAND sees them as `meanwhile` of the mode says. */
  again: string[]
  /** The units that are held while the others are down. In place nobody touches them. */
  held?: string[]
  /** A line of shell for COMMAND to do; nothing by default. */
  script?: string
}

/** `restartctl run`, which has to succeed, between two looks at the whole machine: only what is named here may be another. */
export async function runAndCompare(
  { options, meanwhile }: Mode,
  { resources, again, held = [], script = 'true' }: Change,
): Promise<Answer> {
  const before = await machineState()
  const seen = `systemctl show --value --property=ActiveState ${again.join(' ')}`
  const answer = await restartctl(['run', ...options, ...resources, '--yes', '--', 'sh', '-c', `${seen}; ${script}`])
  const after = await machineState()
  assert.equal(answer.status, 0, answer.stderr)
  assert.deepEqual(
    answer.stdout.split('\n').filter(Boolean),
    again.map(() => meanwhile),
  )
  assert.deepEqual(
    differences(before, after, meanwhile === 'inactive' ? [...again, ...held] : again),
    [],
    answer.stderr,
  )
  return answer
}
