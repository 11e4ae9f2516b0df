// list FILE: what `restartctl list FILE` does and little else, while there is no command yet.
import { detectUses } from '../src/detection/index.ts'
import { inspectPath } from '../src/linux/inspect-path.ts'

const files = process.argv.slice(2).map((path) => ({ path, identity: inspectPath(path)?.identity ?? null }))
const { uses, uninspected } = await detectUses({ files, directories: [] })
for (const use of uses) console.log(use.process.pid, use.as, use.path)
console.error(`${uninspected.length} processes could not be looked at`)
