import type {
  FileIdentity,
  ProcessIdentity,
  RegisteredDirectory,
  RegisteredFile,
  RegisteredResources,
} from '../../model/index.ts'
import { pathBytes, pathFromBytes } from '../../text/index.ts'
import type { Connection } from './connection.ts'
import { toIdentity, type StoredProcess } from './liveness.ts'
import { collectSlices, inSlices } from './slices.ts'

/** Adds what is not there. What is there stays, but a path that named nothing takes the identity it has now. */
export async function insertResources(connection: Connection, resources: RegisteredResources): Promise<void> {
  await insertFiles(connection, resources.files)
  await insertDirectories(connection, resources.directories)
  await inSlices(resources.processes, (slice) => {
    for (const { pid, startTime } of slice) {
      connection.run('INSERT OR IGNORE INTO processes VALUES (?, ?)', pid, String(startTime))
    }
  })
  await inSlices(resources.services, (slice) => {
    for (const name of slice) connection.run('INSERT OR IGNORE INTO services VALUES (?)', name)
  })
}

/** Paths (those that are no UTF-8 last), pids and names in ascending order. */
export async function selectResources(connection: Connection): Promise<RegisteredResources> {
  return {
    files: await selectFiles(connection),
    directories: selectDirectories(connection),
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

type IdentityColumns = [dev: string | null, ino: string | null, handle: string | null]
/** The path, or where it is no UTF-8 its bytes in hexadecimal. */
type FileRow = [path: string | null, ...IdentityColumns, bytes: string | null]

/** What was registered first stays, but a path that named nothing takes what it names now. */
const onConflict = (table: string, columns: string[]): string =>
  `ON CONFLICT (path) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
    WHERE ${table}.ino IS NULL AND excluded.ino IS NOT NULL`

/** A slice goes in and comes out as one JSON text: a third of the time that a row a call takes. */
async function insertFiles(connection: Connection, files: RegisteredFile[]): Promise<void> {
  const insert = `INSERT INTO files
    SELECT coalesce(value ->> 0, unhex(value ->> 4)), value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
    ${onConflict('files', ['dev', 'ino', 'handle'])}`
  await inSlices(files, (slice) => connection.run(insert, JSON.stringify(slice.map(toRow))))
}

function selectFiles(connection: Connection): Promise<RegisteredFile[]> {
  const select = `SELECT json_group_array(json_array(
      iif(typeof(path) = 'text', path, NULL), dev, ino, handle, iif(typeof(path) = 'blob', hex(path), NULL))) AS rows
    FROM (SELECT * FROM files WHERE path > ? ORDER BY path LIMIT ?)`
  return collectSlices((last, limit) => {
    const { rows } = connection.get(select, pathBytes(last?.path ?? ''), limit) as { rows: string }
    return (JSON.parse(rows) as FileRow[]).map(fromRow)
  })
}

async function insertDirectories(connection: Connection, directories: RegisteredDirectory[]): Promise<void> {
  const insert = `INSERT INTO directories VALUES (?, ?, ?, ?, ?)
    ${onConflict('directories', ['dev', 'ino', 'handle', 'contents'])}`
  await inSlices(directories, (slice) => {
    for (const { path, identity, contents = null } of slice) {
      connection.run(insert, pathBytes(path), ...toColumns(identity), contents)
    }
  })
}

interface DirectoryRow {
  path: string | Uint8Array
  dev: string | null
  ino: string | null
  handle: string | null
  contents: Uint8Array | null
}

function selectDirectories(connection: Connection): RegisteredDirectory[] {
  const rows = connection.all('SELECT * FROM directories ORDER BY path') as DirectoryRow[]
  return rows.map(({ path, dev, ino, handle, contents }) => {
    const text = typeof path === 'string' ? path : pathFromBytes(Buffer.from(path))
    const file = { path: text, identity: toFileIdentity(dev, ino, handle) }
    return contents ? { ...file, contents } : file
  })
}

function toRow({ path, identity }: RegisteredFile): FileRow {
  const bytes = pathBytes(path)
  const columns = toColumns(identity)
  return typeof bytes === 'string' ? [bytes, ...columns, null] : [null, ...columns, bytes.toString('hex')]
}

function fromRow([path, dev, ino, handle, bytes]: FileRow): RegisteredFile {
  return { path: path ?? pathFromBytes(Buffer.from(bytes ?? '', 'hex')), identity: toFileIdentity(dev, ino, handle) }
}

function toColumns(identity: FileIdentity | null): IdentityColumns {
  return identity ? [String(identity.dev), String(identity.ino), identity.handle] : [null, null, null]
}

function toFileIdentity(dev: string | null, ino: string | null, handle: string | null): FileIdentity | null {
  return dev === null || ino === null ? null : { dev: BigInt(dev), ino: BigInt(ino), handle }
}

function selectProcesses(connection: Connection): ProcessIdentity[] {
  const rows = connection.all('SELECT * FROM processes ORDER BY pid, start_time') as StoredProcess[]
  return rows.map(toIdentity)
}
