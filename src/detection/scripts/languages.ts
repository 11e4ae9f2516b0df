/** What programs are written in that consist of files which nobody has open while they run. */
export const languages = ['java', 'node', 'perl', 'php', 'python', 'ruby', 'shell'] as const
export type Language = (typeof languages)[number]

const endings: Record<Language, readonly string[]> = {
  java: ['jar', 'war', 'ear', 'class', 'java'],
  node: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'json', 'node'],
  perl: ['pl', 'pm', 'ph', 'al'],
  php: ['php', 'inc', 'phtml', 'phar'],
  python: ['py', 'pyc', 'pyw'],
  ruby: ['rb'],
  shell: ['sh', 'bash', 'ksh', 'zsh'],
}

const byEnding = new Map(
  languages.flatMap((language) => endings[language].map((ending) => [ending, language] as const)),
)

/**
 * The language of a program that may have this file among its modules, by the file's name. What shells read in often has a
 * name without an ending (`/etc/default/cron`). Null: only who has it open, mapped or for its script can use it.
 */
export function languageOf(path: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? (byEnding.get(name.slice(dot + 1)) ?? null) : 'shell'
}
