import { readFileSync } from 'node:fs'

let id: string | undefined

/** Names this boot of the machine (random(4)): pids and start times of another boot mean nothing in this one. */
export function bootId(): string {
  id ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return id
}
