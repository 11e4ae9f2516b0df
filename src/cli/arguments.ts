import { InvalidArgumentError } from 'commander'

/** A whole number; whether a process can have it is decided where it is used. */
export function parsePid(value: string): number {
  if (/^-?\d+$/.test(value)) return Number(value)
  throw new InvalidArgumentError('wanted a pid, a whole number')
}

export function parseCount(value: string): number {
  if (/^\d+$/.test(value)) return Number(value)
  throw new InvalidArgumentError('wanted a whole number')
}

/** Answers milliseconds. */
export function parseSeconds(value: string): number {
  const seconds = Number(value)
  if (value.trim() !== '' && seconds >= 0 && seconds <= 86_400) return seconds * 1000
  throw new InvalidArgumentError('wanted seconds, from 0 to 86400')
}
