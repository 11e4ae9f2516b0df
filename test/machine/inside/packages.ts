import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { execute, type Answer } from './commands.ts'

const attempts = 3
const pauseMs = 2_000
const options = ['-q', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-unsafe-io']
let updated = false

/**
 * Installs packages of Debian's archive unless `program` is there already. Their services are not started. Fails with what
 * apt says where the archive cannot be reached.
 */
export async function installPackage(name: string, program: string): Promise<void> {
  if (existsSync(program)) return
  // Starts no service: the machine shares the network of its host, and what starts by itself takes well-known ports there.
  writeFileSync('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  // Building the database of manuals takes longer than everything else.
  rmSync('/var/lib/man-db/auto-update', { force: true })
  for (let attempt = 1; ; attempt++) {
    const answer = await tryToInstall(name)
    if (answer.status === 0) {
      await stopWoken()
      return
    }
    if (attempt === attempts) {
      throw new Error(`Cannot install ${name} from Debian's archive (needs the network): ${answer.stderr.trim()}`)
    }
    await delay(pauseMs)
  }
}

/** What apt has woken by way of D-Bus would end by itself some minutes later, or with the bus, in the middle of a test. */
export async function stopWoken(): Promise<void> {
  // It is no failure that one is not there.
  await execute(['systemctl', 'stop', 'packagekit.service', 'polkit.service'])
}

async function tryToInstall(name: string): Promise<Answer> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  if (!updated) {
    const update = await execute(['apt-get', 'update', '-q'], { environment })
    if (update.status !== 0) return update
    updated = true
  }
  return await execute(['apt-get', 'install', ...options, name], { environment })
}
