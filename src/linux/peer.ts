import type { Socket } from 'node:net'
import { nativeFunction } from './native-function.ts'

/** SOL_SOCKET and SO_PEERCRED (include/uapi/asm-generic/socket.h; powerpc has numbers of its own). */
const SOL_SOCKET = 1
const SO_PEERCRED = process.arch === 'ppc64' ? 21 : 17
/** struct ucred: pid, uid, gid. */
const size = 12

const prototype = 'int getsockopt(int descriptor, int level, int name, void *value, void *length)'

export interface Peer {
  pid: number
  /** The effective user when it began to listen. */
  uid: number
}

/**
 * Who called listen(2) on the other end of a Unix socket that this process has connected (unix(7)); no name in a file system
 * can lie about that. Null where the kernel cannot be asked.
 */
export function listenerOf(socket: Socket): Peer | null {
  const descriptor = descriptorOf(socket)
  const getsockopt = nativeFunction(prototype)
  if (!getsockopt || descriptor === null) return null
  const credentials = new Int32Array(size / 4)
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, new Int32Array([size])) !== 0) return null
  const [pid = 0, uid = 0] = credentials
  return { pid, uid: uid >>> 0 }
}

/** Node shows it nowhere else. */
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: number } | null }
  return handle?.fd ?? null
}
