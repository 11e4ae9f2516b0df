import { readLink } from '../linux/process-details.ts'
import { readProcessStat } from '../linux/process-stat.ts'
import type { StandardFile } from './process-manager.ts'

const streams = ['input', 'output', 'error'] as const

/** What of a program's surroundings cannot be had back when it is started again, for a person. */
export function whatIsLost(pid: number, standardFiles: (StandardFile | null)[]): string[] {
  const terminal = readProcessStat(pid)?.terminal ? ['its terminal'] : []
  const were = streams.map((_, descriptor) => {
    const link = readLink(pid, `fd/${descriptor}`)
    if (standardFiles[descriptor] || link === null || link === '/dev/null' || isTerminal(link)) return null
    return kindOf(link)
  })
  return [...terminal, ...lostStreams(were)]
}

/** For a person. `were`: what the standard input, output and error were; null for those that are not lost. */
export function lostStreams(were: readonly (string | null)[]): string[] {
  return [...new Set(were)]
    .filter((kind) => kind !== null)
    .map((kind) => {
      const names = streams.filter((_, descriptor) => were[descriptor] === kind)
      return `its standard ${names.join(', ').replace(/, (\w+)$/, ' and $1')} (${kind}, now /dev/null)`
    })
}

function isTerminal(link: string): boolean {
  return /^\/dev\/(pts\/|tty|console)/.test(link)
}

function kindOf(link: string): string {
  return /^(pipe|socket):/.exec(link)?.[1] ?? link
}
