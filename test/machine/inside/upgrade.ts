import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { InPlaceResult } from '../../../src/index.ts'
import { execute, jsonLines, restartctlCommand } from './commands.ts'
import type { Openssh } from './openssh.ts'
import { output } from './units.ts'

const options = ['-q', '-y', '--no-install-recommends', '--allow-downgrades', '-o', 'Dpkg::Options::=--force-unsafe-io']
const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1']

/** A command that installs `NAME=VERSION`s, older ones too. */
export function aptInstall(...packages: string[]): string[] {
  return [...quiet, 'apt-get', 'install', ...options, ...packages]
}

export async function install(...packages: string[]): Promise<void> {
  const { status, stderr } = await execute(aptInstall(...packages))
  assert.equal(status, 0, stderr)
}

/** What the archive has of a package, the newest first. */
export async function versionsOf(name: string): Promise<string[]> {
  const versions = (await output('apt-cache', 'madison', name)).split('\n').map((line) => line.split('|')[1]?.trim())
  return [...new Set(versions.filter((version) => version !== undefined))]
}

/** `restartctl run --in-place` over a connection of ssh, which has to live until the end; answers what came of it. */
export async function upgradeOver(openssh: Openssh, command: string[]): Promise<InPlaceResult> {
  const words = [...restartctlCommand, 'run', '--in-place', '--yes', '--json', '--', ...command]
  const connection = openssh.connect(`${words.join(' ')}; echo "{\\"survived\\":$?}"`)
  connection.stdin.end()
  const ended = once(connection, 'close') as Promise<[number | null]>
  const [stdout, stderr, [status]] = await Promise.all([text(connection.stdout), text(connection.stderr), ended])
  const lines = jsonLines({ status, stdout, stderr })
  assert.deepEqual(lines.at(-1), { survived: 0 }, `${stdout}${stderr}`)
  return (lines.at(-2) as { inPlace: InPlaceResult }).inPlace
}
