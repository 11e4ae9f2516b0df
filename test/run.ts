// Runs the test suites named on the command line (folders of test/) and ends with what passed, failed and was skipped.
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

// What is inside a machine runs there: test/machine/run-inside.ts.
const suites = process.argv.slice(2)
const files = suites.flatMap((suite) =>
  globSync(join(import.meta.dirname, suite, '**/*.test.ts'), { exclude: ['**/inside/**'] }).sort(),
)
if (files.length === 0) {
  console.error(`No tests in: ${suites.join(', ') || '(no suite named)'}; suites are the folders of test/`)
  process.exit(2)
}

// Hundreds of processes load the same files: a fifth of the time with what Node has compiled already.
const compiled = mkdtempSync(join(tmpdir(), 'restart-manager-compiled-'))
process.env['NODE_COMPILE_CACHE'] = compiled
process.once('exit', () => rmSync(compiled, { recursive: true, force: true }))

const skipped: string[] = []
let passed = 0
let failed = 0

const stream = run({ files, concurrency: Math.max(2, availableParallelism()), timeout: 15 * 60_000 })
stream.on('test:pass', ({ name, skip, details, file }) => {
  if (details.type === 'suite') return
  if (skip === undefined || skip === false) passed += 1
  else
    skipped.push(
      `${name}: ${skip === true ? 'no reason given' : skip} (${String(file?.replace(`${import.meta.dirname}/`, ''))})`,
    )
})
stream.on('test:fail', ({ details }) => {
  if (details.type !== 'suite') failed += 1
})
stream.compose(spec).pipe(process.stdout)
stream.once('end', () => {
  setImmediate(() => {
    if (skipped.length > 0)
      console.log(`\nSKIPPED, not tested on this machine:\n${skipped.map((line) => `  ${line}`).join('\n')}`)
    console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`)
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1
  })
})
