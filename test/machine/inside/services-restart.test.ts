import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { createSystemd, type ServiceManager } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, untilState } from './units.ts'

const limits = { timeoutMs: 20_000 }
const done = { result: 'done', forced: false, message: null, journal: [], left: [] }
const endless = 'ExecStart=/bin/sleep infinity\n'
const socket = '/run/rm-answers.sock'

/** Answers each connection with its pid, on the socket that systemd hands over; ends between two connections. */
const answers = `
import os, select, signal, socket, sys
wake, waker = os.pipe()
os.set_blocking(waker, False)
signal.signal(signal.SIGTERM, lambda *_: None)
signal.set_wakeup_fd(waker)
listener = socket.socket(fileno=3)
while True:
    ready, _, _ = select.select([wake, listener], [], [])
    if wake in ready: sys.exit()
    connection, _ = listener.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
`

/** Hands a descriptor of a file without a name to systemd at the first start (sd_notify(3), FDSTORE); says what is in it at the next. */
const stores = `
import array, os, signal, socket
def notify(text, descriptors=[]):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect(os.environ['NOTIFY_SOCKET'])
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', descriptors))] if descriptors else []
        client.sendmsg([text.encode()], control)
if 'LISTEN_FDS' in os.environ:
    os.lseek(3, 0, 0)
    with open('/run/rm-stored', 'w') as out: out.write(os.read(3, 100).decode())
else:
    memory = os.memfd_create('state')
    os.write(memory, b'the state of the first start')
    notify('FDSTORE=1\\nFDNAME=state', [memory])
notify('READY=1')
while True: signal.pause()
`

/** A service that writes a line for each of its starts. */
function counted(name: string, unit: string): Record<string, string> {
  const pre = `ExecStartPre=/bin/sh -c 'echo ${name} >>/run/rm-starts'\n`
  return { [`${name}.service`]: `[Unit]\n${unit}\n[Service]\n${pre}${endless}` }
}

const units = {
  'rm-answers.service': '[Service]\nExecStart=/usr/bin/python3 /run/rm-answers.py\n',
  'rm-answers.socket': `[Socket]\nListenStream=${socket}\n`,
  'rm-stores.service':
    '[Service]\nType=notify\nFileDescriptorStoreMax=4\nExecStart=/usr/bin/python3 /run/rm-stores.py\n',
  ...counted('rm-base', ''),
  ...counted('rm-second', 'Requires=rm-base.service\nAfter=rm-base.service'),
  ...counted('rm-third', 'BindsTo=rm-second.service\nAfter=rm-second.service'),
  ...counted('rm-part', 'PartOf=rm-third.service'),
  ...counted('rm-told', ''),
  ...counted('rm-lower', 'Requires=rm-base.service\nAfter=rm-base.service'),
  'rm-base.service.d/more.conf': '[Unit]\nPropagatesStopTo=rm-told.service rm-back.target\n',
  'rm-back.target': '[Unit]\nWants=rm-lower.service\n',
  'rm-once.service': shellService('test ! -e /run/rm-broken || exit 4; sleep infinity', 'Type=exec'),
  'rm-loops.service': shellService(
    'test ! -e /run/rm-broken || { sleep 0.15; exit 4; }; sleep infinity',
    'Restart=always',
    'RestartSec=0',
    'StartLimitBurst=1000',
  ),
  'rm-slow.service': `[Service]\n${endless}ExecStop=/bin/sh -c 'until test -e /run/rm-slow-on; do sleep 0.05; done'\n`,
  ...counted('rm-on-slow', 'Requires=rm-slow.service\nAfter=rm-slow.service'),
  'rm-job.service': '[Unit]\nRequires=rm-under-job.service\n[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n',
  'rm-under-job.service': `[Service]\n${endless}`,
}
const carried = ['rm-base', 'rm-part', 'rm-second', 'rm-third']
/** Of what PropagatesStopTo= names systemd 252 stops nothing in a restart. */
const chain = [...carried, 'rm-told']

describe('restart in one job', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    writeFileSync('/run/rm-answers.py', answers)
    writeFileSync('/run/rm-stores.py', stores)
    await install(units)
    manager = createSystemd('system')
  })
  after(async () => {
    await manager.close()
    const names = Object.keys(units).filter((name) => !name.includes('/'))
    await output('systemctl', 'stop', ...names.toReversed())
  })

  const starts = (): string[] => readFileSync('/run/rm-starts', 'utf8').split('\n').filter(Boolean).sort()
  const forget = (): void => writeFileSync('/run/rm-starts', '')
  const states = async (names: string[]): Promise<string[]> =>
    await Promise.all(names.map((name) => property(name, 'ActiveState')))

  it('refuses no client of a listening socket', async () => {
    await output('systemctl', 'start', 'rm-answers.socket')
    const seen = new Set([await ask(socket)])
    const ended = new AbortController()
    let connections = 0
    const client = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        seen.add(await ask(socket))
        connections++
      }
    }
    const clients = Promise.all([client(), client()])
    for (let round = 0; round < 3; round++) assert.deepEqual(await manager.restart('rm-answers', limits), done)
    ended.abort()
    await clients
    assert.ok(seen.size >= 4, `${seen.size} processes answered ${connections} connections`)
    assert.ok(!seen.has(''), 'a connection was closed without an answer')
  })

  it('keeps the descriptors that a service has stored', async () => {
    await output('systemctl', 'start', 'rm-stores')
    assert.deepEqual(await manager.restart('rm-stores', limits), done)
    assert.equal(readFileSync('/run/rm-stored', 'utf8'), 'the state of the first start')
  })

  it('brings back all that goes down with it, each started once, and nothing that was down', async () => {
    await output('systemctl', 'start', ...chain)
    forget()
    assert.deepEqual(await manager.restart('rm-base', limits), done)
    assert.deepEqual(starts(), carried)
    assert.deepEqual(await states([...chain, 'rm-lower', 'rm-back.target']), [
      ...chain.map(() => 'active'),
      'inactive',
      'inactive',
    ])
  })

  it('brings back a target without what it wants', async () => {
    await output('systemctl', 'start', 'rm-back.target')
    await output('systemctl', 'stop', 'rm-lower')
    assert.deepEqual(await manager.restart('rm-base', limits), done)
    assert.deepEqual(await states(['rm-back.target', 'rm-lower']), ['active', 'inactive'])
    await output('systemctl', 'stop', 'rm-back.target')
  })

  for (const order of [chain, chain.toReversed()]) {
    it(`restarts each of a chain once where all are asked for at the same time, ${order[0] ?? ''} first`, async () => {
      forget()
      const outcomes = await Promise.all(order.map((name) => manager.restart(name, limits)))
      assert.deepEqual(
        outcomes,
        order.map(() => done),
      )
      assert.deepEqual(starts(), chain)
    })
  }

  it('joins the restart of what is above it that is at work', async () => {
    await slow()
    await output('systemctl', 'start', 'rm-on-slow')
    forget()
    const above = manager.restart('rm-slow', limits)
    await untilState('rm-on-slow', 'inactive')
    const joined = manager.restart('rm-on-slow', limits)
    await output('touch', '/run/rm-slow-on')
    assert.deepEqual(await Promise.all([above, joined]), [done, done])
    assert.deepEqual(starts(), ['rm-on-slow'])
  })

  it('leaves down what is down', async () => {
    assert.deepEqual(await manager.restart('rm-lower', limits), done)
    assert.equal(await property('rm-lower', 'ActiveState'), 'inactive')
    assert.match((await manager.restart('rm-unknown', limits)).message ?? '', /no such service/)
  })

  it('says what happened to a service that does not come back', async () => {
    await output('rm', '-f', '/run/rm-broken')
    await output('systemctl', 'start', 'rm-once')
    await output('touch', '/run/rm-broken')
    const { result, message } = await manager.restart('rm-once', limits)
    assert.equal(result, 'failed')
    assert.equal(
      message,
      'Cannot restart rm-once.service: its main process ended with exit status 4 (Result=exit-code); it is now failed; to try again: systemctl restart rm-once.service',
    )
  })

  it('says that a service ends again and again', async () => {
    await output('rm', '-f', '/run/rm-broken')
    await output('systemctl', 'start', 'rm-loops')
    await output('touch', '/run/rm-broken')
    const begun = performance.now()
    const { result, message } = await manager.restart('rm-loops', limits)
    assert.equal(result, 'failed')
    assert.ok(performance.now() - begun < limits.timeoutMs / 4, 'it is not waited for until it is seen down')
    assert.match(
      message ?? '',
      /(with exit status 4 \(Result=exit-code\)|at once); systemd (is about to start|has started) it again by itself/,
    )
    await output('rm', '/run/rm-broken')
    await untilState('rm-loops', 'active')
  })

  it('leaves the job at work where there is no time left', async () => {
    await slow()
    const { result, message } = await manager.restart('rm-slow', { timeoutMs: 300 })
    assert.equal(result, 'timeout')
    assert.match(message ?? '', /not down and up again within 0.3 s/)
    await output('touch', '/run/rm-slow-on')
    await untilState('rm-slow', 'active')
  })

  async function slow(): Promise<void> {
    await output('rm', '-f', '/run/rm-slow-on')
    await output('systemctl', 'start', 'rm-slow')
  }

  it('goes on where systemd executes itself anew', async () => {
    await slow()
    const pid = await property('rm-slow', 'MainPID')
    const restart = manager.restart('rm-slow', limits)
    await untilState('rm-slow', 'deactivating')
    await output('systemctl', 'daemon-reexec')
    await output('touch', '/run/rm-slow-on')
    assert.deepEqual(await restart, done)
    assert.notEqual(await property('rm-slow', 'MainPID'), pid)
  })

  it('does not cut off a job that would go down with it', async () => {
    await output('systemctl', 'start', '--no-block', 'rm-job')
    await untilState('rm-job', 'activating')
    const { result, message } = await manager.restart('rm-under-job', limits)
    assert.equal(result, 'failed')
    assert.match(message ?? '', /rm-job.service would go down with it: it is in the middle of its job/)
    assert.equal(await property('rm-job', 'ActiveState'), 'activating')
  })
})

/** What a server writes to a new connection; rejects where it refuses it. */
async function ask(path: string): Promise<string> {
  const client = connect(path)
  await once(client, 'connect')
  return await text(client)
}
