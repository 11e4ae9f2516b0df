// Looks for the users of files with the eyes of whoever runs it. Requests and answers are lines of JSON:
// {"files": [...], "directories": [...]} registers them and is answered {}; "look" is answered with what detection finds, by
// itself and by looking at every process, should it ask the kernel.
import { createInterface } from 'node:readline'
import { detectUses } from '../../src/detection/index.ts'
import type { RegisteredDirectory, RegisteredFile } from '../../src/model/index.ts'
import { identifyResources } from '../../src/session/resources.ts'
import type { Request } from './looking.ts'

let files: RegisteredFile[] = []
let directories: RegisteredDirectory[] = []

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  if (request === 'look') {
    const targets = { files, directories }
    write([await detectUses(targets), await detectUses(targets, { means: 'processes' })])
    files = []
    directories = []
  } else {
    const resources = await identifyResources(request, [])
    files.push(...resources.files)
    directories.push(...resources.directories)
    write({})
  }
}

function write(answer: unknown): void {
  const text = JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  process.stdout.write(`${text}\n`)
}
