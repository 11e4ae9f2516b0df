import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { installPackage } from './packages.ts'
import { freePort } from './ports.ts'
import { install, output, property } from './units.ts'

export const nginxProgram = '/usr/sbin/nginx'
/** Read at the start of nginx, and not held open. */
export const nginxConfiguration = '/etc/nginx/conf.d/test.conf'
/** Held open by the master and the workers. */
export const nginxLog = '/var/log/nginx/error.log'
export const nginxWorkers = 2

/** Debian's nginx, up, on a loopback port of its own. */
export interface Nginx {
  /** Writes the configuration anew: what nginx answers once it is started again. */
  configure(answer: string): void
  /** What it answers; rejects with ECONNREFUSED where it is down. */
  answer(): Promise<string>
  mainPid(): Promise<number>
}

/** Installs nginx where that has not been done, and starts it anew with the answer `old`. */
export async function startNginx(): Promise<Nginx> {
  await installPackage('nginx-light', nginxProgram)
  rmSync('/etc/nginx/sites-enabled/default', { force: true })
  const main = readFileSync('/etc/nginx/nginx.conf', 'utf8')
  writeFileSync('/etc/nginx/nginx.conf', main.replace(/^worker_processes .*$/m, `worker_processes ${nginxWorkers};`))
  const port = await freePort()
  const configure = (answer: string): void => {
    const server = `listen 127.0.0.1:${port}; location / { return 200 "${answer}"; }`
    writeFileSync(nginxConfiguration, `server { ${server} }\n`)
  }
  configure('old')
  // The tests start it more often than systemd takes for sound: five times in ten seconds.
  await install({ 'nginx.service.d/often.conf': '[Unit]\nStartLimitIntervalSec=0\n' })
  await output('systemctl', 'restart', 'nginx')
  return { configure, answer: () => answerOf(port), mainPid: async () => Number(await property('nginx', 'MainPID')) }
}

async function answerOf(port: number): Promise<string> {
  const request = get({ host: '127.0.0.1', port, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return await text(response)
}
