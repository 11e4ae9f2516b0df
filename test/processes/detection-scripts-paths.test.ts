import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseCommand } from '../../src/detection/scripts/command-line.ts'
import { interpreterOf } from '../../src/detection/scripts/interpreters.ts'
import { PerlModules } from '../../src/detection/scripts/perl.ts'
import { Program } from '../../src/detection/scripts/program.ts'
import { PythonPath } from '../../src/detection/scripts/python-path.ts'
import { NamedFiles } from '../../src/linux/named-files.ts'
import { effectiveUser } from '../../src/linux/users.ts'
import { without } from '../support/scripts.ts'

const run = (program: string, code: string, flag: string) => String(execFileSync(program, [flag, code])).split('\n')

/** A program that this interpreter would run, of the caller's own files. */
function programOf(executable: string, files: NamedFiles): Program {
  const command = [executable, 'app']
  const interpreter = interpreterOf(executable, command)
  assert.ok(interpreter)
  const variables = new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))
  const invocation = parseCommand(interpreter, command)
  return new Program({ interpreter, invocation, executable, calledAs: executable, variables }, files, null)
}

function withFiles(test: (files: NamedFiles) => void): void {
  const files = new NamedFiles(effectiveUser())
  files.open(process.pid)
  try {
    test(files)
  } finally {
    files.close()
  }
}

/** Those that exist, by their real names. */
const existing = (paths: string[]) => [
  ...new Set(paths.filter((path) => path && existsSync(path)).map((path) => realpathSync(path))),
]

describe('where interpreters look for modules', () => {
  for (const python of ['python3', '/usr/bin/python3']) {
    it(`as ${python} says it`, { skip: without(python) }, () => {
      const [executable = '', ...path] = run(
        python,
        'import os, sys; print(os.path.realpath(sys.executable), *sys.path, sep="\\n")',
        '-c',
      )
      const directories = existing(path).filter(
        (directory) => !directory.endsWith('.zip') && directory !== process.cwd(),
      )
      withFiles((files) => {
        const { entries } = new PythonPath(programOf(executable, files))
        assert.deepEqual(
          entries.filter((entry) => directories.includes(entry)),
          directories,
        )
        assert.deepEqual(
          entries.filter((entry) => !directories.includes(entry)),
          [],
        )
      })
    })
  }

  it('as perl says it', { skip: without('perl') }, () => {
    const [executable = '', ...path] = run('perl', 'print join("\\n", $^X, @INC)', '-e')
    const directories = existing(path)
    withFiles((files) => {
      const { libraries } = new PerlModules(programOf(realpathSync(executable), files))
      assert.deepEqual(
        libraries.filter((library) => directories.includes(library)),
        directories,
      )
    })
  })
})
