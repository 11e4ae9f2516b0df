import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import type { AffectedList } from '../../../src/model/index.ts'
import { execute, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { installPackage } from './packages.ts'
import { install, output, untilExists } from './units.ts'

const library = 'libevent-2.1-7'
const socket = '/run/test-stale.socket'
const application = '/opt/test-stale'

/** What is stale of the two services: `['NAME.service /path mapped']`. */
async function stale(): Promise<string[]> {
  const { stdout } = await restartctl(['stale', '--json'])
  const { applications } = JSON.parse(stdout) as AffectedList
  return applications
    .filter(({ service }) => service?.startsWith('test-stale') ?? false)
    .flatMap(({ service, uses }) => uses.map(({ path, as }) => `${service} ${path} ${as}`))
}

/** The services that needrestart would restart, sorted. */
async function needrestart(): Promise<string[]> {
  const { stdout } = await execute(['needrestart', '-b', '-r', 'l'])
  const services = Array.from(stdout.matchAll(/^NEEDRESTART-SVC: (\S+)$/gm), ([, name = '']) => name)
  return services.filter((name) => name.startsWith('test-stale')).sort()
}

async function apt(...args: string[]): Promise<void> {
  const options = [
    '-q',
    '-y',
    '--no-install-recommends',
    '--allow-downgrades',
    '-o',
    'Dpkg::Options::=--force-unsafe-io',
  ]
  const environment = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' }
  const { status, stderr } = await execute(['apt-get', 'install', ...options, ...args], { environment })
  assert.equal(status, 0, stderr)
}

describe('after an update', { skip: outsideMachine }, () => {
  /** Newest first. */
  let versions: string[]
  before(async () => {
    await installPackage('memcached', '/usr/bin/memcached')
    await installPackage('needrestart', '/usr/sbin/needrestart')
    versions = (await output('apt-cache', 'madison', library))
      .split('\n')
      .map((line) => line.split('|')[1]?.trim() ?? '')
    await apt(`${library}=${versions.at(-1)}`)
    mkdirSync(application, { recursive: true })
    writeFileSync(`${application}/main.py`, 'import helper\nhelper.wait()\n')
    writeFileSync(
      `${application}/helper.py`,
      'import signal, sys\ndef wait():\n    print("ready", flush=True)\n    signal.pause()\n',
    )
    await install({
      'test-stale-library.service': `[Service]\nExecStart=/usr/bin/memcached -u root -s ${socket}\n`,
      'test-stale-module.service': `[Service]\nExecStart=/usr/bin/python3 ${application}/main.py\n`,
    })
  })
  after(async () => {
    await output('systemctl', 'stop', 'test-stale-library', 'test-stale-module')
    rmSync(application, { recursive: true })
  })

  it('names the service and the library that a package has replaced, until it is restarted', async () => {
    await output('systemctl', 'start', 'test-stale-library')
    await untilExists(socket)
    assert.deepEqual(await stale(), [])
    await apt('--reinstall', `${library}=${versions[0]}`)
    const [use, ...others] = await stale()
    assert.match(String(use), /^test-stale-library\.service \/usr\/lib\/.*\/libevent-2\.1\.so\.7\S* mapped$/)
    assert.deepEqual(others, [])
    assert.deepEqual(await needrestart(), ['test-stale-library.service'])
    const { stdout } = await restartctl(['stale'])
    assert.match(stdout, /^Restart: systemctl restart .*\btest-stale-library\.service\b/m)
    await output('systemctl', 'restart', 'test-stale-library')
    assert.deepEqual(await stale(), [])
    assert.deepEqual(await needrestart(), [])
  })

  it('names the service whose module has been replaced, until it is restarted', async () => {
    await output('systemctl', 'start', 'test-stale-module')
    assert.deepEqual(await stale(), [])
    // What is written within a second of the start is not told from what was there before.
    await sleep(1_200)
    writeFileSync(`${application}/helper.new`, 'import signal\ndef wait(): signal.pause()\n')
    renameSync(`${application}/helper.new`, `${application}/helper.py`)
    assert.deepEqual(await stale(), [`test-stale-module.service ${application}/helper.py script`])
    await output('systemctl', 'restart', 'test-stale-module')
    assert.deepEqual(await stale(), [])
  })
})
