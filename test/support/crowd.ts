import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, realpathSync } from 'node:fs'
import { readExecutable, readLink } from '../../src/linux/process-details.ts'
import { listPids } from '../../src/linux/processes.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { writeRegistration } from '../../src/processes/registration-file.ts'
import { prepareRuntimeDirectory } from '../../src/linux/runtime-directory.ts'
import type { Folder } from './folder.ts'

/** Programs that use a file each, have registered for restart, and start in no time: `sleep` with the file as standard input. */
export class Crowd implements AsyncDisposable {
  readonly files: string[]
  readonly program: string

  private constructor(files: string[], program: string) {
    this.files = files
    this.program = program
  }

  /** `program`: a copy of sleep. */
  static async start(folder: Folder, size: number, program = '/bin/sleep'): Promise<Crowd> {
    const files = Array.from({ length: size }, (_, index) => folder.write(`${index}.dat`, ''))
    const crowd = new Crowd(files, realpathSync(program))
    const environment = { RESTART_MANAGER_RUNTIME_DIR: folder.state, PATH: '/bin', MARKER: `it's "${folder.root}"` }
    for (const file of crowd.files) {
      const input = openSync(file, 'r')
      const child = spawn(program, ['60'], { stdio: [input, 'ignore', 'ignore'], env: environment, detached: true })
      closeSync(input)
      child.unref()
      await once(child, 'spawn')
    }
    crowd.register(folder)
    return crowd
  }

  /** Those that run now register for restart: sleep does not by itself when it is started again. */
  register(folder: Folder): void {
    prepareRuntimeDirectory(folder.state)
    const flags = { noCrash: false, noHang: false, noPatch: false, noReboot: false }
    for (const one of this.running().flat()) writeRegistration(folder.state, one, { commandLine: ['60.0'], flags })
  }

  /** For each file the processes that have it, the shells that only wait to become the program left out. */
  running(): ProcessIdentity[][] {
    const having = Map.groupBy(listPids(), (pid) => readLink(pid, 'fd/0'))
    return this.files.map((file) =>
      (having.get(file) ?? [])
        .filter((pid) => readExecutable(pid) === this.program)
        .flatMap((pid) => processManager.identify(pid) ?? []),
    )
  }

  /** How many run for each file, as text: "1 1". */
  count(): string {
    return this.running()
      .map(({ length }) => length)
      .join(' ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = this.running().flat()
    for (const one of all) processManager.kill(one)
    await processManager.waitForEnd(all, { timeoutMs: 5000 })
  }
}
