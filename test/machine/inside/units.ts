import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = '/run/systemd/system'
const conditionMs = 15_000

/** What a command of this machine writes to standard output; rejects where it fails. */
export async function output(...command: [string, ...string[]]): Promise<string> {
  const { stdout } = await run(command[0], command.slice(1))
  return stdout.trim()
}

/** Writes units (`NAME`, or `NAME.d/MORE.conf` for what adds to one), and aliases as `alias: target`, into a folder that the service manager reads, and makes it read them. */
export async function install(units: Record<string, string>, aliases: Record<string, string> = {}): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const [name, definition] of Object.entries(units)) {
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true })
    writeFileSync(`${folder}/${name}`, definition)
  }
  for (const [alias, target] of Object.entries(aliases)) symlinkSync(target, `${folder}/${alias}`)
  await output('systemctl', 'daemon-reload')
}

/** One property of a unit, as systemctl shows it. */
export async function property(unit: string, name: string): Promise<string> {
  return await output('systemctl', 'show', '--property', name, '--value', unit)
}

/** Waits until a condition holds; fails where it does not within 15 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + conditionMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${conditionMs} ms: ${what}`)
    await sleep(20)
  }
}

/** Waits until a unit is in a state. */
export async function untilState(unit: string, state: string): Promise<void> {
  await until(`${unit} is ${state}`, async () => (await property(unit, 'ActiveState')) === state)
}

/** Waits until a path exists. */
export async function untilExists(path: string): Promise<void> {
  await until(`${path} exists`, () => existsSync(path))
}

/** A service that runs a line of shell. `more` are further lines of its [Service] section. */
export function shellService(line: string, ...more: string[]): string {
  return ['[Service]', `ExecStart=/bin/sh -c '${line}'`, ...more, ''].join('\n')
}
