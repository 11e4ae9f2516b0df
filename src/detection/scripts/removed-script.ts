import type { NamedFiles } from '../../linux/named-files.ts'
import { procFailure } from '../../linux/proc-error.ts'
import { pathFromBytes } from '../../text/index.ts'
import { languageOf } from './languages.ts'
import { directoryOf, type ProgramFacts } from './program.ts'

/** A longer list of names may have been cut off (`NamedFiles.list`). */
const mostNames = 10_000

/**
 * The script of a program that has not been found, where its path certainly names nothing any more: an absolute one, or one
 * with the ending of its language and no doubt about the directory it was started in. Other words of a command line may
 * not be files at all: what an unknown option takes, a name that is looked for in PATH, an address. `directories`: those it may
 * have been started in.
 */
export function removedScript(
  files: NamedFiles,
  facts: ProgramFacts,
  directories: readonly (string | null)[],
): string | null {
  const { script } = facts.invocation
  if (script === null) return null
  const path = script.startsWith('/') ? script : certainPath(files, script, facts, directories)
  return path !== null && namesNothing(files, path) ? pathFromBytes(Buffer.from(path, 'latin1')) : null
}

function certainPath(
  files: NamedFiles,
  script: string,
  { interpreter, variables }: ProgramFacts,
  [directory, ...others]: readonly (string | null)[],
): string | null {
  const { language } = interpreter
  if (language === 'shell' || languageOf(script) !== language || /^[\w+]+:/.test(script)) return null
  if (typeof directory !== 'string' || others.length > 0) return null
  const isWhereItStarted = files.find(variables.get('PWD') ?? '')?.path === directory
  return isWhereItStarted ? `${directory}/${script}` : null
}

/**
 * Whether a path names nothing. What is merely not gone to (`NamedFiles`) stands in its directory all the same, or one of the
 * directories above does.
 */
function namesNothing(files: NamedFiles, path: string): boolean {
  try {
    for (let child = path.replace(/\/+$/, ''); child !== ''; child = child.slice(0, child.lastIndexOf('/'))) {
      const directory = files.find(directoryOf(child))
      if (!directory) continue
      const names = files.list(directory)
      const name = child.slice(child.lastIndexOf('/') + 1)
      return names.length < mostNames && !['', '.', '..', ...names].includes(name)
    }
  } catch (error) {
    if (procFailure(error) === 'ours') throw error
  }
  return false
}
