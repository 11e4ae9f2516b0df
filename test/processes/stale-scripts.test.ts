import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { startedBefore } from '../../src/linux/clock.ts'
import { readProcessStat } from '../../src/linux/process-stat.ts'
import { installedAvailable, InstalledFolder, staleOf } from '../support/installed.ts'
import { startScript, without, type Script } from '../support/scripts.ts'

const python = '/usr/bin/python3'
const waits = 'import sys\nprint("ready", flush=True)\nsys.stdin.read()\n'

/** Files that are written now are younger than the program beyond doubt: the clocks are compared to a second. */
async function untilOld({ pid }: Script): Promise<void> {
  const startTime = readProcessStat(pid)?.identity.startTime ?? 0n
  while (!startedBefore(startTime, Date.now() - 1200)) await sleep(20)
}

describe(
  'scripts that have been replaced, changed or removed',
  {
    skip: installedAvailable() || without(python),
  },
  () => {
    let folder: InstalledFolder
    before(() => {
      folder = new InstalledFolder()
    })
    after(() => folder[Symbol.dispose]())

    function write(name: string, text: string): string {
      writeFileSync(folder.path(name), text)
      return folder.path(name)
    }

    /** Starts one program for each change, and answers what is stale of each when all changes are made. */
    async function changed(changes: Record<string, (path: string) => void>): Promise<Record<string, string[]>> {
      await using programs = new AsyncDisposableStack()
      const started: { name: string; path: string; script: Script }[] = []
      for (const name of Object.keys(changes)) {
        const path = write(`${name}.py`, `import module_${name}\n${waits}`)
        write(`module_${name}.py`, '')
        started.push({
          name,
          path,
          script: programs.use(await startScript([python, path], { environment: { PYTHONDONTWRITEBYTECODE: '' } })),
        })
      }
      for (const { script } of started) await untilOld(script)
      for (const { name, path } of started) changes[name]?.(path)
      const found: Record<string, string[]> = {}
      for (const { name, script } of started) found[name] = await staleOf(script.pid)
      return found
    }

    it(
      'does not name a script that a process cannot see since it changed its root',
      { skip: process.getuid?.() !== 0 && 'needs root' },
      async () => {
        const prison = folder.directory('prison')
        const path = write('prisoner.py', `import os\nos.chroot(${JSON.stringify(prison)})\n${waits}`)
        await using script = await startScript([python, path])
        assert.deepEqual(await staleOf(script.pid), [])
      },
    )

    it('names a relative script only where it is known where it was started', async () => {
      const path = write('relative.py', waits)
      const environment = { PWD: folder.root }
      await using known = await startScript([python, 'relative.py'], { cwd: folder.root, environment })
      await using unknown = await startScript([python, 'relative.py'], {
        cwd: folder.root,
        environment: { PWD: '' },
      })
      rmSync(path)
      assert.deepEqual(await staleOf(known.pid, { wholePaths: true }), [`${path} script`])
      assert.deepEqual(await staleOf(unknown.pid), [])
    })

    /** A new file with the time of the old one, as packages unpack it. */
    function replace(path: string): void {
      const { atime, mtime } = statSync(path)
      writeFileSync(`${path}.new`, waits)
      utimesSync(`${path}.new`, atime, mtime)
      renameSync(`${path}.new`, path)
    }

    it('tells new content from all else that changes the status of a file', async () => {
      const module = (path: string) => path.replace(/(\w+)\.py$/, 'module_$1.py')
      const found = await changed({
        replaced: replace,
        edited: (path) => appendFileSync(path, '#\n'),
        removed: (path) => rmSync(path),
        replacedModule: (path) => replace(module(path)),
        editedModule: (path) => appendFileSync(module(path), '#\n'),
        untouched: () => undefined,
        mode: (path) => chmodSync(path, 0o700),
        linked: (path) => linkSync(path, `${path}.backup`),
        moved: (path) => {
          renameSync(path, `${path}.elsewhere`)
          renameSync(`${path}.elsewhere`, path)
        },
        future: (path) => {
          const time = new Date(Date.now() + 86_400_000)
          utimesSync(path, time, time)
        },
        byteCode: () => {
          const directory = folder.path('__pycache__')
          const codes = readdirSync(directory).filter((name) => name.startsWith('module_byteCode.'))
          assert.equal(codes.length, 1)
          for (const name of codes) appendFileSync(join(directory, name), '#')
        },
      })
      assert.deepEqual(found, {
        replaced: ['replaced.py script'],
        edited: ['edited.py script'],
        removed: ['removed.py script'],
        replacedModule: ['module_replacedModule.py script'],
        editedModule: ['module_editedModule.py script'],
        untouched: [],
        mode: [],
        linked: [],
        moved: [],
        future: [],
        byteCode: [],
      })
    })
  },
)
