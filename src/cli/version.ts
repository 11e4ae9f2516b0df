import { readFileSync } from 'node:fs'

/** The version of the package, which lies two folders up from the sources and from what is compiled. */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
