import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startSession, type ApplicationResult, type PrimarySession } from '../../src/index.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { readExecutable } from '../../src/linux/process-details.ts'
import { readContext, type ProcessContext } from '../../src/linux/process-context.ts'
import { startApplication, until } from '../support/application.ts'
import { startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const needsRoot = isRoot ? false : 'needs root'

/** A shell that does this and becomes the program. */
function after(...preparations: string[]): string[] {
  return ['sh', '-c', [...preparations, 'exec "$@"'].join('\n'), 'sh']
}

describe('the context of a program that is started again', () => {
  let folder: Folder
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  /** What a program under this command had before and has after, and the row of its restart. */
  async function startedAgain(under: string[]) {
    if (under.includes('setpriv')) folder.writable()
    await using application = await startApplication(folder, 'one', 'registered', {
      under,
      environment: { RESTART_MANAGER_RUNTIME_DIR: folder.path('theirs') },
    })
    const before = context(application.fixture.pid)
    await session.register({ files: [application.file] })
    await session.shutdown()
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ error }) => error),
      [null],
    )
    await until('it runs again', () => application.facts().again)
    return { before, now: context(application.facts().pid), row: applications[0] as ApplicationResult }
  }

  it('is what it had: umask, limits, niceness, processors, scheduling, OOM score', async () => {
    const { before, now, row } = await startedAgain([
      ...after('umask 0027', 'echo 250 > /proc/self/oom_score_adj'),
      ...['prlimit', '--nofile=800:900', '--core=4096:8192', '--stack=4194304:', '--memlock=65536:65536'],
      ...['nice', '-n', '7', 'taskset', '--cpu-list', '0', 'chrt', '--batch', '0'],
    ])
    assert.deepEqual(now, before)
    assert.equal(before.umask, 0o27)
    assert.deepEqual(before.limits['core'], { soft: '4096', hard: '8192' })
    assert.equal(Object.keys(before.limits).length, 16)
    const { niceness, oomScoreAdjustment, processors, scheduling } = before
    assert.deepEqual([niceness, oomScoreAdjustment, processors, scheduling.policy], [7, 250, '0', 3])
    // The test's own standard input and output are sockets; standard error may be something else.
    assert.match(
      row.changed?.join() ?? '',
      /^its standard input(,| and) output( and error)? \(socket, now \/dev\/null\)/,
    )
  })

  it('is what root gave it, for a program of another user', { skip: needsRoot }, async () => {
    const { before, now } = await startedAgain([
      ...after('umask 0077', 'echo 300 > /proc/self/oom_score_adj'),
      ...['prlimit', '--nproc=3000:4000', '--sigpending=5:6', 'nice', '-n', '-4', 'chrt', '--rr', '3'],
      ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-sys_admin', '--no-new-privs'],
    ])
    assert.deepEqual(now, before)
    assert.equal(before.umask, 0o77)
    const { niceness, oomScoreAdjustment, scheduling, bounds } = before
    assert.deepEqual([niceness, oomScoreAdjustment, scheduling], [-4, 300, { policy: 2, priority: 3 }])
    assert.equal(bounds.noNewPrivileges, true)
    assert.equal((BigInt(`0x${bounds.capabilities}`) >> 21n) & 1n, 0n)
  })

  it('keeps fewer capabilities than the caller has, for a program of its own user', { skip: needsRoot }, async () => {
    const { before, now } = await startedAgain(['setpriv', '--bounding-set=-all,+chown,+kill', '--no-new-privs'])
    assert.deepEqual(now, before)
    assert.equal(BigInt(`0x${now.bounds.capabilities}`), 0b100001n)
  })

  it('lets a program be started that may start no other and open few files', async () => {
    const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
    const limits = { ...own().limits, nproc: { soft: '1', hard: '1' }, nofile: { soft: '16', hard: '17' } }
    const { stdout } = await run(user[0] ?? process.execPath, [
      ...user.slice(1),
      ...(isRoot ? [process.execPath] : []),
      ...script({ limits }),
    ])
    const { error, now, changed } = JSON.parse(stdout) as Answer
    assert.equal(error, undefined)
    assert.deepEqual(changed, [])
    assert.deepEqual([now?.limits['nproc'], now?.limits['nofile']], [limits.nproc, limits.nofile])
  })

  it('is without the ambient capabilities of the caller', { skip: needsRoot }, async () => {
    const bind = ['--inh-caps=+net_bind_service', '--ambient-caps=+net_bind_service']
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups', ...bind, '--']
    for (const [ambient, expected] of [
      ['0', 0n],
      ['400', 0x400n],
    ] as const) {
      const bounds = { ...own().bounds, ambient }
      const { stdout } = await run('setpriv', [...user, process.execPath, ...script({ bounds })])
      const { error, now } = JSON.parse(stdout) as Answer
      assert.equal(error, undefined)
      assert.equal(BigInt(`0x${now?.bounds.ambient}`), expected)
    }
  })

  it(
    'cannot be had by a caller of the same user in other groups, or in another network',
    { skip: needsRoot },
    async () => {
      const user = ['setpriv', '--reuid=65534', '--regid=65534']
      for (const [under, reason] of [
        [[...user, '--groups=65534,4'], /other groups than the caller/],
        [['unshare', '--net', ...user, '--clear-groups'], /another namespace/],
        [[...user, '--clear-groups'], undefined],
      ] as const) {
        await using program = startProgram([...under, 'cat'])
        await until('cat runs', () => /\/(cat|coreutils|busybox)$/.test(readExecutable(program.pid) ?? ''))
        const { stdout } = await run(user[0] ?? '', [
          ...user.slice(1),
          '--clear-groups',
          '--',
          ...restartabilityOf(program.process),
        ])
        const answer = JSON.parse(stdout) as { reason?: string }
        if (reason) assert.match(answer.reason ?? '', reason)
        else assert.equal(answer.reason, undefined)
      }
    },
  )

  it('says what only root could give', { skip: needsRoot }, async () => {
    const limits = { ...own().limits, nofile: { soft: '100', hard: '30000' } }
    const change = { limits, niceness: -3, oomScoreAdjustment: -5, controlGroups: [] }
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups', 'prlimit', '--nofile=500:600', '--']
    const { stdout } = await run('setpriv', [...user, process.execPath, ...script(change)])
    const { error, now, changed } = JSON.parse(stdout) as Answer
    assert.equal(error, undefined)
    assert.deepEqual(changed, [
      'its niceness, -3 (not permitted)',
      'its OOM score adjustment, -5 (not permitted)',
      'its limit nofile, 100 of 30000 (not permitted)',
    ])
    assert.deepEqual(now?.limits['nofile'], { soft: '100', hard: '600' })
  })
})

interface Answer {
  error?: string
  now?: ProcessContext
  changed?: string[]
}

/** A program that starts one with its own context, but for `change`, and writes an Answer. */
function script(change: Partial<ProcessContext>): string[] {
  const from = (path: string) => JSON.stringify(import.meta.resolve(`../../src/${path}`))
  const text = `
    import { readContext } from ${from('linux/process-context.ts')}
    import { readCredentials } from ${from('linux/process-details.ts')}
    import { processManager } from ${from('processes/index.ts')}
    const context = { ...readContext(process.pid), ...${JSON.stringify(change)} }
    const record = {
      executable: '/bin/sleep', commandLine: ['30'], workingDirectory: '/', environment: { A: 'b' },
      ...readCredentials(process.pid), standardFiles: [null, null, null], context, lost: [],
    }
    try {
      const { process: started, changed } = await processManager.start(record, async () => {})
      console.log(JSON.stringify({ now: readContext(started.pid), changed }))
      processManager.kill(started)
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }))
    }`
  return ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', text]
}

/** A program that writes whether it could start this one again. */
function restartabilityOf({ pid, startTime }: ProcessIdentity): string[] {
  const text = `
    import { processManager } from ${JSON.stringify(import.meta.resolve('../../src/processes/index.ts'))}
    const process = { pid: ${pid}, startTime: ${startTime}n }
    console.log(JSON.stringify(processManager.restartability(process, { allowed: true })))`
  return [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', text]
}

function own(): ProcessContext {
  return context(process.pid)
}

function context(pid: number): ProcessContext {
  const read = readContext(pid)
  assert.ok(read, `process ${pid} has a context`)
  return read
}
