import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { prepareOpenssh, type Openssh } from './openssh.ts'
import { output, untilState } from './units.ts'

/** Says hello, and says goodbye when its input ends. */
const session = 'echo hello; cat >/dev/null; echo goodbye'

describe('openssh, and the whole machine around it', { skip: outsideMachine }, () => {
  let openssh: Openssh
  before(async () => {
    openssh = await prepareOpenssh()
  })
  afterEach(async () => {
    await output('systemctl', 'stop', 'ssh.socket', 'ssh.service')
  })
  after(async () => {
    // logind keeps it for 10 s after the last session; the next test would see it go.
    await output('systemctl', 'stop', 'user@0.service', 'user-runtime-dir@0.service')
    await untilState('user-0.slice', 'inactive')
  })

  /** Somebody is logged in all the time, and somebody else can log in afterwards. */
  async function whileLoggedIn(work: () => Promise<unknown>): Promise<void> {
    const connection = openssh.connect(session)
    const ended = once(connection, 'close')
    try {
      await hello(connection)
      await work()
      assert.equal(connection.exitCode, null, 'the session goes on')
    } finally {
      connection.stdin.end()
    }
    assert.deepEqual([await text(connection.stdout), await ended], ['goodbye\n', [0, null]])
    const another = openssh.connect(session)
    await hello(another)
    another.stdin.end()
    await once(another, 'close')
  }

  async function hello(connection: ReturnType<Openssh['connect']>): Promise<void> {
    const [said] = (await Promise.race([
      once(connection.stdout, 'data'),
      text(connection.stderr).then((message) => Promise.reject(new Error(message))),
    ])) as [Buffer]
    assert.equal(said.toString(), 'hello\n')
  }

  for (const mode of modes) {
    it(`is as before, and who is logged in stays: ${mode.name}`, async () => {
      await output('systemctl', 'start', 'ssh.service')
      await whileLoggedIn(() => runAndCompare(mode, { resources: ['--service', 'ssh'], again: ['ssh.service'] }))
    })

    it(`is as before where a socket started it: ${mode.name}`, async () => {
      await output('systemctl', 'start', 'ssh.socket')
      await whileLoggedIn(async () => {
        await runAndCompare(mode, { resources: ['--service', 'ssh'], again: ['ssh.service'], held: ['ssh.socket'] })
      })
    })
  }
})
