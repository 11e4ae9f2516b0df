import { globSync } from 'node:fs'
import { runInside } from './run-inside.ts'

// `after-boot` has to be the first, and is by its name.
const files = globSync('inside/*.test.ts', { cwd: import.meta.dirname, exclude: ['inside/{real,upgrade}-*.test.ts'] })
runInside('on a machine with systemd', files.sort())
