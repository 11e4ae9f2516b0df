import type { Cure } from '../../model/index.ts'

/** What to do, and for some what to type. */
export interface CureText {
  cure: Cure
  title: string
  command: string | null
}

/** What cures, for a person, the least trouble first. */
export const cures: CureText[] = [
  { cure: 'by-hand', title: 'Start again by hand', command: null },
  { cure: 'log-out', title: 'Log out and in again', command: null },
  { cure: 'soft-reboot', title: 'Restart all of user space', command: 'systemctl soft-reboot' },
  { cure: 'reboot', title: 'Reboot', command: 'systemctl reboot' },
]

/** `Reboot: systemctl reboot`. */
export function showCure({ title, command }: CureText): string {
  return command === null ? title : `${title}: ${command}`
}
