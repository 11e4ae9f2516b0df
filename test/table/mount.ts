import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'

/** Makes the mount point, and mounts. Throws what mount(8) said. */
export function mount(type: string, source: string, point: string, options = ''): void {
  mkdirSync(point, { recursive: true })
  command('mount', '-t', type, ...(options === '' ? [] : ['-o', options]), source, point)
}

/** Another file under the name of `target`, which both keep for those who have it already. */
export function bind(source: string, target: string): void {
  command('mount', '--bind', source, target)
}

export function unmount(point: string): void {
  command('umount', point)
}

/** A file that holds nothing yet, and takes no room. */
export function image(path: string, megabytes: number): string {
  writeFileSync(path, '')
  truncateSync(path, megabytes * 1024 * 1024)
  return path
}

/** Runs a program and waits for it; throws what it wrote on standard error. */
export function command(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
