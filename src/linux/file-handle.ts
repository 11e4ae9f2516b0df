import { pathBytes } from '../text/index.ts'
import { nativeFunction } from './native-function.ts'
import type { NativeFunction } from './libc.ts'

const AT_FDCWD = -100
const AT_SYMLINK_FOLLOW = 0x400
/** MAX_HANDLE_SZ (include/linux/exportfs.h). */
const longestHandle = 128

const prototype = 'int name_to_handle_at(int directory, const char *path, void *handle, void *mountId, int flags)'

// struct file_handle: the length of the handle, its type, the handle itself. Used by one call at a time, which never waits.
const header = 8
const handle = Buffer.alloc(header + longestHandle)
const handleLength = new Uint32Array(handle.buffer, handle.byteOffset, 1)
const mountId = Buffer.alloc(8)
const lengthSize = 4

let nameToHandle: NativeFunction | null | undefined

/**
 * What the file system itself calls the file that `path` names (name_to_handle_at(2)): type and handle in hexadecimal.
 * Unlike an inode number it is not given to another file later. Symbolic links are followed, those of /proc too. About
 * 2 µs. Null where there is none: without koffi, on file systems without handles (overlayfs), where there is no such file.
 */
export function readFileHandle(path: string | Buffer): string | null {
  const name = typeof path === 'string' ? pathBytes(path) : path
  const terminated = typeof name === 'string' ? name : Buffer.concat([name, Buffer.alloc(1)])
  return read(AT_FDCWD, terminated, AT_SYMLINK_FOLLOW)?.toString('hex') ?? null
}

/**
 * As `readFileHandle`, as bytes that hold until the next handle is read, of what an open directory calls `name` (which ends
 * with a NUL byte); a symbolic link is not followed.
 */
export function readHandleIn(directory: number, name: Buffer): Buffer | null {
  return read(directory, name, 0)
}

function read(directory: number, name: string | Buffer, flags: number): Buffer | null {
  nameToHandle ??= nativeFunction(prototype)
  if (!nameToHandle) return null
  handleLength[0] = longestHandle
  if (nameToHandle(directory, name, handle, mountId, flags) !== 0) return null
  return handle.subarray(lengthSize, header + handleLength[0])
}
