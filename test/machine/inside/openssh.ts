import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { installPackage } from './packages.ts'
import { freePort } from './ports.ts'
import { install, output } from './units.ts'

const key = '/root/.ssh/rm-key'

/** Debian's sshd, not started, for a loopback port of its own. */
export interface Openssh {
  /** Opens a connection of root's that runs a line of shell. */
  connect(line: string): ChildProcessByStdio<Writable, Readable, Readable>
}

/** Installs Debian's openssh-server where that has not been done; ssh.service and ssh.socket both listen where `connect` goes. */
export async function prepareOpenssh(): Promise<Openssh> {
  await installPackage('openssh-server', '/usr/sbin/sshd')
  const port = await freePort()
  writeFileSync('/etc/ssh/sshd_config.d/test.conf', `Port ${port}\nListenAddress 127.0.0.1\n`)
  await install({
    'ssh.socket.d/port.conf': `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`,
    'ssh.service.d/often.conf': '[Unit]\nStartLimitIntervalSec=0\n',
  })
  rmSync(key, { force: true })
  await output('sh', '-c', `mkdir -p -m 700 /root/.ssh && ssh-keygen -q -t ed25519 -N "" -f ${key}`)
  await output('cp', `${key}.pub`, '/root/.ssh/authorized_keys')
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes']
  const fixed = ['-i', key, '-p', String(port), ...options.flatMap((option) => ['-o', option]), 'root@127.0.0.1']
  return { connect: (line) => spawn('ssh', [...fixed, line], { stdio: ['pipe', 'pipe', 'pipe'] }) }
}
