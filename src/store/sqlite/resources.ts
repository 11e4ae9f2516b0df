import type { ProcessIdentity, RegisteredFile, RegisteredResources } from '../../model/index.ts'
import type { Connection } from './connection.ts'
import { toIdentity, type StoredProcess } from './liveness.ts'
import { collectSlices, inSlices } from './slices.ts'

type Table = 'files' | 'directories'

/** Adds what is not there. What is there stays, but a path that named nothing takes the identity it has now. */
export async function insertResources(connection: Connection, resources: RegisteredResources): Promise<void> {
  await insertFiles(connection, 'files', resources.files)
  await insertFiles(connection, 'directories', resources.directories)
  await inSlices(resources.processes, (slice) => {
    for (const { pid, startTime } of slice) {
      connection.run('INSERT OR IGNORE INTO processes VALUES (?, ?)', pid, String(startTime))
    }
  })
  await inSlices(resources.services, (slice) => {
    for (const name of slice) connection.run('INSERT OR IGNORE INTO services VALUES (?)', name)
  })
}

/** Paths, pids and names in ascending order. */
export async function selectResources(connection: Connection): Promise<RegisteredResources> {
  return {
    files: await selectFiles(connection, 'files'),
    directories: await selectFiles(connection, 'directories'),
    processes: selectProcesses(connection),
    services: (connection.all('SELECT name FROM services ORDER BY name') as { name: string }[]).map(({ name }) => name),
  }
}

/** How many there are of each kind. */
export function countResources(connection: Connection): Record<keyof RegisteredResources, number> {
  const count = (table: keyof RegisteredResources): number =>
    (connection.get(`SELECT count(*) AS rows FROM ${table}`) as { rows: number }).rows
  return {
    files: count('files'),
    directories: count('directories'),
    processes: count('processes'),
    services: count('services'),
  }
}

type FileRow = [path: string, dev: string | null, ino: string | null, handle: string | null]

/** A slice goes in and comes out as one JSON text: a third of the time that a row a call takes. */
async function insertFiles(connection: Connection, table: Table, files: RegisteredFile[]): Promise<void> {
  const insert = `INSERT INTO ${table}
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
    ON CONFLICT (path) DO UPDATE SET dev = excluded.dev, ino = excluded.ino, handle = excluded.handle
    WHERE ${table}.ino IS NULL AND excluded.ino IS NOT NULL`
  await inSlices(files, (slice) => connection.run(insert, JSON.stringify(slice.map(toRow))))
}

function selectFiles(connection: Connection, table: Table): Promise<RegisteredFile[]> {
  const select = `SELECT json_group_array(json_array(path, dev, ino, handle)) AS rows
    FROM (SELECT * FROM ${table} WHERE path > ? ORDER BY path LIMIT ?)`
  return collectSlices((last, limit) => {
    const { rows } = connection.get(select, last?.path ?? '', limit) as { rows: string }
    return (JSON.parse(rows) as FileRow[]).map(fromRow)
  })
}

function toRow({ path, identity }: RegisteredFile): FileRow {
  return identity ? [path, String(identity.dev), String(identity.ino), identity.handle] : [path, null, null, null]
}

function fromRow([path, dev, ino, handle]: FileRow): RegisteredFile {
  return { path, identity: dev === null || ino === null ? null : { dev: BigInt(dev), ino: BigInt(ino), handle } }
}

function selectProcesses(connection: Connection): ProcessIdentity[] {
  const rows = connection.all('SELECT * FROM processes ORDER BY pid, start_time') as StoredProcess[]
  return rows.map(toIdentity)
}
