import { readFileSync, writeFileSync } from 'node:fs'
import { execute } from './commands.ts'
import { installPackage } from './packages.ts'
import { output, untilState } from './units.ts'

const configuration = '/etc/postgresql/15/main/postgresql.conf'
/** Not su(1) or runuser(1): they log in, and the service manager of that user ends ten seconds after that. */
const as = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--']

/** The service of Debian's cluster, an instance of `postgresql@.service`. */
export const cluster = 'postgresql@15-main.service'
/** Does nothing itself (Type=oneshot, RemainAfterExit=yes); the clusters are PartOf= it. */
export const umbrella = 'postgresql.service'

/** Installs Debian's PostgreSQL where that has not been done, and starts it anew, without a port. */
export async function startPostgresql(): Promise<void> {
  await installPackage('postgresql-15', '/usr/lib/postgresql/15/bin/postgres')
  // The installation logs in as that user.
  const uid = await output('id', '--user', 'postgres')
  await output('systemctl', 'stop', `user@${uid}.service`)
  await untilState(`user-${uid}.slice`, 'inactive')
  const lines = readFileSync(configuration, 'utf8').split('\n')
  const kept = lines.filter((line) => !line.startsWith('listen_addresses '))
  writeFileSync(configuration, [...kept, "listen_addresses = ''", ''].join('\n'))
  await output('systemctl', 'daemon-reload')
  await output('systemctl', 'restart', umbrella)
  await output('systemctl', 'start', cluster)
}

/** What a query answers; rejects where it cannot be asked. */
export async function query(sql: string): Promise<string> {
  const { status, stdout, stderr } = await execute([...as, 'psql', '-AtX', '-c', sql])
  if (status !== 0) throw new Error(`psql: ${stderr}`)
  return stdout.trim()
}
