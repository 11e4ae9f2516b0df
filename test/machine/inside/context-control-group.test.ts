import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { listAffected, startSession } from '../../../src/index.ts'
import { groupProcesses } from '../../../src/affected/groups.ts'
import { readFactsOf } from '../../../src/affected/process-facts.ts'
import { runInSlices } from '../../../src/detection/index.ts'
import { readControlGroup, readExecutable } from '../../../src/linux/process-details.ts'
import { readAncestors, readChildren } from '../../../src/linux/process-tree.ts'
import type { ProcessIdentity } from '../../../src/model/index.ts'
import { processManager, registerRestart } from '../../../src/processes/index.ts'
import { makeUser } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { output, until, untilExists } from './units.ts'

const uid = 4730
const user = 'rm-grouped'
const folder = '/var/tmp/rm-grouped'
/** A login session of its own (pam_systemd(8)), which the program leaves behind or not. */
const login = ['su', '--login', user, '--command', 'exec "$@"']

describe('the control group of a program that is started again', { skip: outsideMachine }, () => {
  const started: ProcessIdentity[] = []

  before(async () => {
    await makeUser(user, uid)
    mkdirSync(folder)
    await output('loginctl', 'enable-linger', user)
    await untilExists(`/run/user/${uid}/bus`)
  })
  after(() => {
    for (const one of started) processManager.kill(one)
  })

  /** Runs a command that ends in a program with a file open, and restarts that program. */
  async function restarted(name: string, command: string[], beside = '') {
    const file = `${folder}/${name}`
    writeFileSync(file, 'old')
    const line = `${beside} exec 3<${file}; exec sleep infinity`
    const [run, ...args] = [...command, 'sh', '-c', line]
    spawn(run, args, { stdio: 'ignore' }).unref()
    const holder = async () => (await listAffected({ files: [file] })).applications.find((one) => one.name === 'sleep')
    await until('it holds its file', async () => (await holder()) !== undefined)
    const { process: application } = (await holder()) ?? assert.fail()
    registerRestart(application, ['infinity'], {})
    const before = readControlGroup(application.pid) ?? ''
    await using session = await startSession()
    await session.register({ files: [file] })
    await session.shutdown()
    const { applications } = await session.restart()
    const [row] = applications
    assert.ok(row?.outcome === 'restarted', `${row?.outcome}: ${String(row?.application.notRestartable)}`)
    started.push(row.application.process)
    return { before, now: readControlGroup(row.application.process.pid) ?? '', changed: row.changed ?? [], row }
  }

  it('is the one it was in, where another process is still there', async () => {
    const { before, now, changed } = await restarted(
      'shared',
      ['systemd-run', '--quiet', '--scope', '--unit=rm-shared.scope'],
      'setsid tail -f /dev/null &',
    )
    assert.match(before, /\/system\.slice\/rm-shared\.scope$/)
    assert.equal(now, before)
    assert.deepEqual(changed, [])
    await output('systemctl', 'kill', '--signal=KILL', 'rm-shared.scope')
  })

  it('is a new scope of the same name and slice, where it was alone in it', async () => {
    const command = ['systemd-run', '--quiet', '--scope', '--slice=rm-made.slice', '--unit=rm-alone.scope']
    const { before, now, changed } = await restarted('alone', command)
    assert.match(before, /\/rm-made\.slice\/rm-alone\.scope$/)
    assert.equal(now, before)
    assert.deepEqual(changed, [])
    assert.equal(await output('systemctl', 'is-active', 'rm-alone.scope'), 'active')
  })

  it("is a scope of its user's own manager, for an application of a desktop", async () => {
    const command = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env']
    command.push(`XDG_RUNTIME_DIR=/run/user/${uid}`, 'systemd-run', '--user', '--quiet', '--scope')
    const { before, now, changed } = await restarted('desktop', [
      ...command,
      '--slice=app.slice',
      '--unit=app-rm-1.scope',
    ])
    assert.match(before, new RegExp(`/user@${uid}\\.service/app\\.slice/app-rm-1\\.scope$`))
    assert.equal(now, before)
    assert.deepEqual(changed, [])
  })

  it('is one of its user, where its login session is gone', async () => {
    const { before, now, changed } = await restarted('login', login)
    assert.match(before, new RegExp(`/user-${uid}\\.slice/session-\\w+\\.scope$`))
    assert.match(now, new RegExp(`/user-${uid}\\.slice/restarted-\\d+\\.scope$`))
    assert.deepEqual(changed, [])
  })

  it('is its login session, where that is still there', async () => {
    const { before, now, changed } = await restarted('stays', login, 'setsid tail -f /dev/null &')
    assert.match(before, new RegExp(`/user-${uid}\\.slice/session-\\w+\\.scope$`))
    assert.equal(now, before)
    assert.deepEqual(changed, [])
  })

  it('keeps a program apart from one of the same kind that it was started from', async () => {
    const outer = spawn('timeout', ['60', 'systemd-run', '--quiet', '--scope', 'timeout', '60', 'sleep', '60'])
    try {
      const facts = () => [outer.pid ?? 0, ...readChildren(outer.pid ?? 0)].map((pid) => readFactsOf(pid))
      await until('both run', () => facts().filter((one) => one?.executable?.endsWith('/timeout')).length === 2)
      const found = facts().filter((one) => one !== null)
      const groups = await runInSlices(groupProcesses(found, new Set(readAncestors(process.pid))))
      assert.deepEqual(
        groups.map(([first]) => first?.identity.pid),
        found.map(({ identity }) => identity.pid),
      )
    } finally {
      outer.kill()
    }
  })

  it('keeps what a script has started in one of its own apart from the script, when that is stopped', async () => {
    const text = 'systemd-run --quiet --scope sleep 60 & cat; :'
    const script = spawn('sh', ['-c', text], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
    const pid = script.pid ?? 0
    const named = (name: string) => readChildren(pid).find((one) => readExecutable(one)?.endsWith(`/${name}`))
    await until('both run', () => named('sleep') !== undefined && named('cat') !== undefined)
    const [leader, sleep] = [pid, named('sleep') ?? 0].map((one) => processManager.identify(one) ?? assert.fail())
    assert.ok(leader && sleep)
    try {
      assert.deepEqual(
        processManager.groupOf(leader).map((one) => one.pid),
        [pid, named('cat')],
      )
    } finally {
      processManager.kill(sleep)
      script.stdin.destroy()
    }
  })
})
