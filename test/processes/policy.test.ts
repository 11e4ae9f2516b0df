import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { startSession, type AffectedApplication, type PrimarySession } from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { restartctl } from '../fixtures/command.ts'
import { startApplication } from '../support/application.ts'
import { startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const variable = 'RESTART_MANAGER_POLICY_DIR'
const node = JSON.stringify(process.execPath)

describe("the administrator's policy", () => {
  let folder: Folder
  let session: PrimarySession
  let program: string

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    process.env[variable] = folder.directory('policy')
    session = await startSession()
    program = folder.path('ours')
    copyFileSync('/bin/cat', program)
  })
  afterEach(async () => {
    Reflect.deleteProperty(process.env, variable)
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  const rule = (action: string, executable = JSON.stringify(program), more = '') =>
    folder.write('policy/policy.toml', `# ours\n[[rule]]\nexecutables = [${executable}]\naction = "${action}"\n${more}`)

  async function listed(): Promise<AffectedApplication> {
    const [application] = (await session.list()).applications
    assert.ok(application)
    return application
  }

  it('keeps a program from being stopped, and says by which rule', async () => {
    const file = rule('critical', undefined, 'why = "it pays the wages"\n')
    await using ours = startProgram([program])
    await session.register({ files: [program] })
    const list = await session.list()
    const [one] = list.applications
    assert.deepEqual(list.rebootReasons, ['critical-process'])
    assert.deepEqual(
      [one?.type, one?.rebootReason, one?.overridable, one?.cure, one?.restartable],
      ['critical', 'critical-process', false, 'by-hand', false],
    )
    assert.deepEqual(one?.rule, { action: 'critical', why: 'it pays the wages', file, line: 2 })
    await assert.rejects(session.shutdown(), {
      code: 'REBOOT_REQUIRED',
      message: `Nothing was stopped, as only a reboot frees the resources: ours (process ${ours.pid}, uses ${program} (executable)): it pays the wages (${file}:2)`,
    })
    assert.equal(processManager.isRunning(ours.process), true)
  })

  it('leaves a program running, as a filter would', async () => {
    rule('no-shutdown')
    await using ours = startProgram([program])
    await session.register({ files: [program] })
    assert.equal((await listed()).cure, 'by-hand')
    const { applications } = await session.shutdown()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['shutdown-masked'],
    )
    assert.equal(processManager.isRunning(ours.process), true)
  })

  it('keeps a program down, also when the rule is gone by then', async () => {
    const file = rule('no-restart', node)
    await using application = await startApplication(folder, 'one')
    await session.register({ files: [application.file] })
    await session.shutdown()
    folder.remove(file)
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['restart-masked'],
    )
    assert.equal(application.facts().again, false)
  })

  it('lets a program be started again that never registered', async () => {
    // It does not end with its standard input, which is /dev/null when it is started again, but by itself.
    copyFileSync('/bin/sleep', program)
    await using first = startProgram([program, '60'])
    await session.register({ files: [program] })
    const before = await listed()
    assert.deepEqual([before.restartable, before.cure, before.rule], [false, 'by-hand', null])
    rule('restart')
    const after = await listed()
    assert.deepEqual([after.restartable, after.cure, after.rule?.action], [true, null, 'restart'])
    await session.shutdown({ onlyRegistered: true })
    assert.equal(processManager.identify(first.pid), null)
    const [restarted] = (await session.restart()).applications
    assert.ok(restarted)
    const again = restarted.application.process
    try {
      assert.deepEqual([restarted.outcome, restarted.error], ['restarted', null])
      assert.notEqual(again.pid, first.pid)
      assert.deepEqual((await listed()).command, [program, '60'])
    } finally {
      processManager.kill(again)
      await processManager.waitForEnd([again], { timeoutMs: 5000 })
    }
  })

  it('is read anew for every operation, and a bad one stops everything', async () => {
    await using ours = startProgram([program])
    await session.register({ files: [program] })
    assert.equal((await listed()).rule, null)
    const file = rule('never')
    const bad = { code: 'POLICY_INVALID', win32: 1610, message: new RegExp(`${file}:4:10: unknown action "never"`) }
    await assert.rejects(session.list(), bad)
    await assert.rejects(session.shutdown(), bad)
    assert.equal(processManager.isRunning(ours.process), true)
    rule('ordinary')
    assert.equal((await listed()).rule?.action, 'ordinary')
    await session.shutdown()
    assert.equal(processManager.identify(ours.pid), null)
  })

  it('is shown by restartctl: by list with file and line, by doctor as a row', async () => {
    const doctor = async () => {
      const { stdout, code } = await restartctl(['doctor', '--json'])
      const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; found: string }[] }
      const row = checks.find(({ name }) => name === 'policy')
      return [row?.state, row?.found, code]
    }
    assert.deepEqual((await doctor()).slice(0, 2), ['ok', 'none: the built-in list'])
    const file = rule('critical', undefined, 'why = "it pays the wages"\n')
    assert.deepEqual((await doctor()).slice(0, 2), ['ok', `${file}, rules: 1`])
    await using ours = startProgram([program])
    const { stdout, code } = await restartctl(['list', program])
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`\\(must not be stopped, as ${file}:2 says: it pays the wages\\)`))
    assert.match(stdout, new RegExp(`\n  ours \\(process ${ours.pid}, uses ${program} \\(executable\\)\\): it pays`))
    assert.match(stdout, /\n {2}What helps: restart ours by hand afterwards\n/)
    rule('ordinary', undefined, 'users = ["root", "nobody-knows-me"]\n')
    assert.deepEqual((await doctor()).slice(0, 2), [
      'missing',
      `${file}, rules: 1; not in /etc/passwd: nobody-knows-me`,
    ])
    const broken = rule('never')
    const [state, found, exit] = await doctor()
    assert.deepEqual([state, exit], ['failed', 1])
    assert.match(String(found), new RegExp(`${broken}:4:10: unknown action`))
    const refused = await restartctl(['list', program])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^restartctl: Cannot use the policy: .*:4:10: .*\n {2}.*restartctl doctor\n$/)
  })
})
