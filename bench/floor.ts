import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './measure.ts'

/** The C program that makes only the calls that are needed. */
export class Floor {
  readonly program: string

  /** Builds it in `folder`. Throws where there is no C compiler. */
  constructor(folder: string) {
    this.program = join(folder, 'floor')
    execFileSync('cc', ['-O2', '-o', this.program, fileURLToPath(new URL('floor.c', import.meta.url))])
  }

  /** The median of its rounds, in milliseconds. */
  measure(file: string, rounds: number): number {
    const [users, ...times] = execFileSync(this.program, [file, String(rounds)], { encoding: 'utf8' })
      .trim()
      .split('\n')
    if (users !== '1') throw new Error(`The C program found ${String(users)} users; there is one`)
    return median(times.map(Number))
  }
}
