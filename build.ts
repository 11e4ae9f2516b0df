// Writes dist/: one file for each entry point, what they share in chunks (starting a command loads few files and is quick), and
// the types of every source file.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

rmSync(`${here}dist`, { recursive: true, force: true })
const types = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: here, stdio: 'inherit' })
if (types.status !== 0) throw new Error('The types are wrong: nothing was built')
await build({
  absWorkingDir: here,
  entryPoints: ['src/index.ts', 'src/application.ts', 'src/cli/restartctl.ts'],
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  outbase: 'src',
  outdir: 'dist',
  // As deep as the command: both find package.json two folders up.
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
})
