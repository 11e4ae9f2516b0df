// Writes dist/: one file for each entry point, what they share in chunks (starting a command loads few files and is quick), and
// the types of every source file.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

// What fails half-way leaves the old dist/ as it was.
const fresh = mkdtempSync(`${here}node_modules/.dist-`)
process.once('exit', () => rmSync(fresh, { recursive: true, force: true }))
const types = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', fresh], { cwd: here, stdio: 'inherit' })
if (types.status !== 0) throw new Error('The types are wrong: nothing was built')
await build({
  absWorkingDir: here,
  entryPoints: ['src/index.ts', 'src/application.ts', 'src/rstrtmgr.ts', 'src/cli/restartctl.ts'],
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  outbase: 'src',
  outdir: fresh,
  // As deep as the command: both find package.json two folders up.
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
})
rmSync(`${here}dist`, { recursive: true, force: true })
renameSync(fresh, `${here}dist`)
chmodSync(`${here}dist`, 0o755)
