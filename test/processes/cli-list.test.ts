import assert from 'node:assert/strict'
import { chmodSync, copyFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { AffectedList } from '../../src/index.ts'
import { restartctl } from '../fixtures/command.ts'
import { startApplication } from '../support/application.ts'
import { startFixture, startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

type Json<Value> = Value extends bigint
  ? string
  : Value extends (infer Item)[]
    ? Json<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Json<Value[Key]> }
      : Value

describe('restartctl list', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  /** The list that `--json` prints. */
  async function listed(args: string[], input?: string): Promise<Json<AffectedList>> {
    const { code, stdout, stderr } = await restartctl(['list', '--json', ...args], input === undefined ? {} : { input })
    assert.deepEqual([code, stderr], [0, ''])
    return JSON.parse(stdout) as Json<AffectedList>
  }

  async function pidsOf(args: string[], input?: string): Promise<number[]> {
    return (await listed(args, input)).applications.map((one) => one.process.pid)
  }

  it('shows a table on standard output, without colours, and nothing else', async () => {
    await using application = await startApplication(folder, 'one')
    await using plain = await startFixture('opens-a-file', [folder.write('two', '')])
    const { code, stdout, stderr } = await restartctl(['list', application.file, folder.path('two')])
    assert.deepEqual([code, stderr], [0, ''])
    assert.doesNotMatch(stdout, /\u001b/)
    const [head, ...rows] = stdout.split('\n')
    assert.match(String(head), /^APPLICATION +TYPE +PID +USER +RESTART +USES$/)
    const rowOf = (pid: number) => String(rows.find((row) => row.split(/ +/)[2] === String(pid)))
    assert.match(rowOf(application.fixture.pid), /^application.ts +\w+ +\d+ +\S+ +yes +\/.*one\.dat \(open\)$/)
    assert.match(rowOf(plain.pid), /^opens-a-file.ts +\w+ +\d+ +\S+ +no +\/.*two \(open\)$/)
    assert.match(stdout, /\(stays down: it did not register for restart\)/)
    assert.doesNotMatch(stdout, /reboot/)
  })

  it('prints JSON in the shapes of the library, bigint as decimal strings', async () => {
    await using application = await startApplication(folder, 'one')
    const { applications, rebootReasons, heldByUnknown } = await listed([application.file])
    const { pid, startTime } = application.fixture.process
    const identity = { pid, startTime: String(startTime) }
    const [one] = applications
    assert.ok(one)
    assert.deepEqual([applications.length, rebootReasons, heldByUnknown], [1, [], []])
    assert.deepEqual([one.process, one.processes], [identity, [identity]])
    assert.deepEqual(one.uses, [{ path: application.file, as: 'open', replaced: false, process: identity }])
    assert.deepEqual(
      [one.name, one.executable, one.user.uid, one.restartable, one.critical, one.service, one.status],
      ['application.ts', process.execPath, process.getuid?.(), true, null, null, ['running']],
    )
    assert.equal(new Date(one.startedAt).toISOString(), one.startedAt)
  })

  it('takes files, directories and processes, several of each, and relative ones from where it is called', async () => {
    await using one = await startFixture('opens-a-file', [folder.write('one', '')])
    await using two = await startFixture('opens-a-file', [folder.write('two', '')])
    const within = folder.directory('within')
    await using three = await startFixture('opens-a-file', [folder.write('within/three', '')])
    await using four = await startFixture('opens-a-file', [folder.write('four', '')])
    const files = [folder.path('one'), folder.path('two')]
    assert.deepEqual(await pidsOf(files), sorted(one.pid, two.pid))
    assert.deepEqual(await pidsOf(['--directory', within]), [three.pid])
    assert.deepEqual(
      await pidsOf(['--process', String(four.pid), '--process', String(two.pid)]),
      sorted(two.pid, four.pid),
    )
    const all = [...files, '--directory', within, '--process', String(four.pid)]
    assert.deepEqual(await pidsOf(all), sorted(one.pid, two.pid, three.pid, four.pid))
    const { code, stdout } = await restartctl(['list', 'one', './within/../two'], { cwd: folder.root })
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(` ${one.pid} [^]* ${two.pid} `))
  })

  it('takes lists of files, from a file and from standard input, by line and by NUL', async () => {
    const name = 'with a\nline feed'
    await using one = await startFixture('opens-a-file', [folder.write('one', '')])
    await using two = await startFixture('opens-a-file', [folder.write(name, '')])
    const paths = [folder.path('one'), folder.path(name)]
    const list = folder.write('list', `${folder.path('one')}\n\n`)
    assert.deepEqual(await pidsOf(['--from-file', list]), [one.pid])
    assert.deepEqual(await pidsOf(['--from-file', '-'], folder.path('one')), [one.pid])
    assert.deepEqual(await pidsOf(['--from-file', '-', '-0'], paths.join('\0')), sorted(one.pid, two.pid))
    assert.deepEqual(
      await pidsOf(['-0', '--from-file', folder.write('nul', `${paths.join('\0')}\0`)]),
      sorted(one.pid, two.pid),
    )
    assert.deepEqual(await pidsOf(['--from-file', list, folder.path(name)]), sorted(one.pid, two.pid))
  })

  it('answers 0 where nothing uses the files, also where they are not there', async () => {
    const { code, stdout, stderr } = await restartctl(['list', folder.path('not-there'), folder.write('unused', '')])
    assert.deepEqual([code, stdout.split('\n')[0]], [0, 'Nothing uses these resources'])
    assert.equal(stderr, `No such file, so nothing uses it: ${folder.path('not-there')}\n`)
    assert.deepEqual(await pidsOf([folder.path('unused')]), [])
  })

  it('says where a reboot would be needed, and why', async () => {
    const { code, stdout } = await restartctl(['list', '--process', String(process.pid)])
    assert.equal(code, 0)
    assert.match(stdout, /\nA reboot is required: the installer itself is affected\n/)
    assert.match(
      stdout,
      new RegExp(
        `\\(process ${process.pid}, registered itself\\): it is the installer, or the installer was started from it`,
      ),
    )
    assert.deepEqual((await listed(['--process', String(process.pid)])).rebootReasons, ['detected-self'])
  })

  for (const [what, args, message] of [
    ['nothing at all', [], /^restartctl: No resources to list the users of\n {2}Name a file, .*restartctl list \S+\n$/],
    ['an empty list', ['--from-file', '-'], /^restartctl: No resources to register/],
    ['an empty path', [''], /^restartctl: The path is empty; wanted an absolute path\n$/],
    [
      'a list that is not there',
      ['--from-file', '/not/there'],
      /^restartctl: Cannot read the list \/not\/there: ENOENT/,
    ],
    ['a directory as a file', ['/tmp'], /^restartctl: A directory among the files: \/tmp\n.*--directory DIR\n$/],
    ['a file as a directory', ['--directory', '/etc/passwd'], /^restartctl: A file among the directories/],
    ['no number as a pid', ['--process', 'init'], /^restartctl: option '--process <PID>' argument 'init' is invalid/],
    ['what can be no pid', ['--process', '0'], /^restartctl: Not a pid: 0;/],
    ['what can be no service', ['--service', 'a b'], /^restartctl: Not the name of a service: "a b"/],
    ['a malformed key', ['--session', 'x'], /^restartctl: Malformed session key/],
    ['a session and files', ['--session', 'x', '/a'], /^restartctl: Both resources and a session named/],
  ] as const) {
    it(`answers 2 for ${what}`, async () => {
      const { code, stdout, stderr } = await restartctl(['list', ...args])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
    })
  }

  it('answers 1 for a process that is not there, and 6 for a session that is not', async () => {
    const gone = startProgram(['cat'])
    const { pid } = gone
    await gone.stop()
    const process = await restartctl(['list', '--process', String(pid)])
    assert.deepEqual(
      [process.code, process.stdout, process.stderr],
      [1, '', `restartctl: No process has the pid ${pid}\n`],
    )
    const session = await restartctl(['list', '--session', '0'.repeat(32)])
    assert.deepEqual([session.code, session.stdout], [6, ''])
    assert.match(session.stderr, /^restartctl: No session of this user has this key\n.*restartctl sessions\n$/)
  })

  it('says of an unknown service that there is none, or that nobody could be asked', async () => {
    const { code, stdout, stderr } = await restartctl(['list', '--service', 'restart-manager-test-not-there'])
    assert.equal(stdout, '')
    if (code === 2) assert.match(stderr, /^restartctl: No service is called restart-manager-test-not-there\n/)
    else {
      assert.equal(code, 1)
      assert.match(stderr, /^restartctl: systemd cannot be reached .*\n.*systemctl status\n$/)
    }
  })

  it('shows hostile names escaped, and as they are in JSON', async () => {
    // Built on the root, as the kernel keeps 15 bytes of a name and the path in full.
    const path = folder.path('x\u001b]0;y\u0007\nz\u009b31m')
    copyFileSync('/bin/cat', path)
    chmodSync(path, 0o755)
    await using program = startProgram([path])
    const { code, stdout, stderr } = await restartctl(['list', path])
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(stdout.includes('x\\x1b]0;y\\x07\\nz\\x9b31m'), stdout)
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    const [one] = (await listed([path])).applications
    assert.deepEqual([one?.process.pid, one?.executable], [program.pid, path])
    const error = await restartctl(['list', `${path}/`, '--directory', path])
    assert.equal(error.code, 2)
    assert.doesNotMatch(error.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })
})

function sorted(...pids: number[]): number[] {
  return pids.sort((a, b) => a - b)
}
