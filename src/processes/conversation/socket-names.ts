import type { ProcessIdentity } from '../../model/index.ts'
import { filePrefix } from '../application-files.ts'

/** At so many sockets one process is asked: each worker thread, and each copy of this package, has its own. */
const mostSockets = 16

/** The names that the sockets of an application may have. */
export function socketNames(application: ProcessIdentity): string[] {
  return Array.from({ length: mostSockets }, (_, number) => `${filePrefix(application)}-${number}.socket`)
}
