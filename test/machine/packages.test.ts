import { globSync } from 'node:fs'
import { runInside } from './run-inside.ts'

// These install packages and wait for services: in a machine of their own, beside the other.
const files = globSync('inside/{real,upgrade}-*.test.ts', { cwd: import.meta.dirname })
runInside('on a machine with services of the archive', files.sort())
