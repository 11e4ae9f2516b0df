import type { Filter, FilterAction, FilterTarget } from '../../model/index.ts'
import type { Connection } from './connection.ts'
import { decodeJson, encodeJson } from './json.ts'

/** Replaces an earlier action for the same target. */
export function replaceFilter(connection: Connection, filter: Filter): void {
  const replace = `INSERT INTO filters VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET action = excluded.action`
  connection.run(replace, targetText(filter.target), filter.action)
}

/** False where there was none. */
export function deleteFilter(connection: Connection, target: FilterTarget): boolean {
  return connection.run('DELETE FROM filters WHERE target = ?', targetText(target)) === 1
}

/** In the order they were set first. */
export function selectFilters(connection: Connection): Filter[] {
  const rows = connection.all('SELECT * FROM filters ORDER BY rowid') as { target: string; action: FilterAction }[]
  return rows.map(({ target, action }) => ({ target: decodeJson(target) as FilterTarget, action }))
}

/** The same text for the same target, whatever else the caller's object holds and in whatever order. */
function targetText(target: FilterTarget): string {
  if ('executable' in target) return encodeJson({ executable: target.executable })
  if ('service' in target) return encodeJson({ service: target.service })
  return encodeJson({ process: { pid: target.process.pid, startTime: target.process.startTime } })
}
