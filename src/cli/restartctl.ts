#!/usr/bin/env node
// Written so that any Node parses it: an old one must be able to say that it is too old.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 13)) {
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else {
  process.stderr.write(`restartctl needs Node 22.13 or newer; this is Node ${process.versions.node}\n`)
  process.exitCode = 1
}
