import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { createSystemd } from '../../../src/services/index.ts'

/** A server that answers each piece it is sent with `answer`; null hangs up. */
async function serve(test: TestContext, answer: (said: string) => string | null): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rm-bus-'))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (said) => {
      const reply = answer(said.toString('latin1'))
      if (reply === null) socket.destroy()
      else socket.write(reply)
    })
  })
  const path = join(folder, 'socket')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  test.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return path
}

const peers: [what: string, answer: (said: string) => string | null][] = [
  ['hangs up', () => null],
  ['refuses the user', () => 'REJECTED\r\n'],
  ['hangs up when it is asked', (said) => (said.includes('AUTH') ? 'OK 1234deadbeef\r\n' : null)],
  ['talks nonsense', (said) => (said.includes('AUTH') ? 'OK 1234deadbeef\r\n' : 'x'.repeat(64))],
]

describe('a service manager that cannot be talked to', () => {
  for (const direct of [true, false]) {
    for (const [what, answer] of peers) {
      it(`fails where the ${direct ? 'manager' : 'bus'} ${what}`, async (test) => {
        const manager = createSystemd('system', [{ direct, socket: await serve(test, answer) }])
        await assert.rejects(manager.describe('nginx'), {
          code: 'SERVICE_MANAGER_FAILED',
          message: /^systemd cannot be reached/,
        })
        await manager.close()
      })
    }
  }

  it('still knows what a control group and a name are', async () => {
    const manager = createSystemd('system', [{ direct: true, socket: '/nonexistent' }])
    assert.equal(manager.membershipOf('/system.slice/nginx.service').service, 'nginx.service')
    assert.equal(await manager.describe('nginx.socket'), null)
    await manager.close()
  })
})
