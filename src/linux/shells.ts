import { basename } from 'node:path'

const shells = new Set([
  ...['ash', 'bash', 'bash-static', 'dash', 'posh', 'rbash', 'sh', 'yash', 'zsh', 'zsh-static'],
  ...['ksh', 'ksh93', 'lksh', 'mksh', 'mksh-static', 'oksh'],
  ...['bsd-csh', 'csh', 'tcsh', 'elvish', 'fish', 'nu', 'pwsh'],
])

/** Whether a program is a shell: it starts others, and what they have in common is only that. `command`: busybox tells by it. */
export function isShell(executable: string | null, command: readonly string[]): boolean {
  if (executable === null) return false
  const name = basename(executable)
  if (!name.startsWith('busybox')) return shells.has(name)
  const [first = '', second = ''] = command.map((one) => basename(one).replace(/^-/, ''))
  return shells.has(first.startsWith('busybox') ? second : first)
}
