import { readProcText } from './proc-file.ts'

/** Some process has a socket that was bound to a path which ends in this name (proc_net(5)); sees those of its own network namespace. */
export function isSocketBound(name: string): boolean {
  return readProcText('/proc/net/unix', 'latin1').includes(`/${name}\n`)
}
