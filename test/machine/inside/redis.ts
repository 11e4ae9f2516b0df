import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { installPackage } from './packages.ts'
import { output } from './units.ts'

export const redisProgram = '/usr/bin/redis-server'
const configuration = '/etc/redis/redis.conf'
const socket = '/run/redis/redis.sock'

/** Installs Debian's redis-server where that has not been done, and starts it anew, without a port. */
export async function startRedis(): Promise<void> {
  await installPackage('redis-server', redisProgram)
  const lines = readFileSync(configuration, 'utf8').split('\n')
  const kept = lines.filter((line) => !/^(port|unixsocket) /.test(line))
  writeFileSync(configuration, [...kept, 'port 0', `unixsocket ${socket}`, ''].join('\n'))
  await output('systemctl', 'restart', 'redis-server')
}

/** What it says to PING. */
export async function pingRedis(): Promise<string> {
  const connection = connect(socket)
  try {
    await once(connection, 'connect')
    connection.write('PING\r\n')
    const [answer] = (await once(connection, 'data')) as [Buffer]
    return answer.toString().trim()
  } finally {
    connection.destroy()
  }
}
