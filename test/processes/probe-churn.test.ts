import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Folder } from '../support/folder.ts'
import { noLeases } from '../support/lease.ts'

const probes = 20_000

/** A fixture that prints what it has counted when it ends. */
function start(name: string, ...args: string[]) {
  const program = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  return {
    said: once(child.stdout, 'data'),
    endInput: () => child.stdin.destroy(),
    result: async (): Promise<unknown> => {
      const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null]
      assert.deepEqual([name, code, signal], [name, 0, null])
      return JSON.parse(said.replace(/^ready\n/, ''))
    },
  }
}

describe('probing a file that another process opens all the time', { skip: noLeases }, () => {
  for (const where of ['main', 'thread']) {
    it(`ends neither of them, and no open fails (${where})`, async () => {
      using folder = new Folder()
      const file = folder.write('file', 'x')
      const opener = start('opens-in-a-loop', file)
      try {
        await opener.said
        const answers = (await start('probes-in-a-loop', file, String(probes), where).result()) as Record<
          string,
          number
        >
        assert.equal(answers['unknown'], 0)
        assert.ok(answers['free'] && answers['held'], `both answers come: ${JSON.stringify(answers)}`)
        assert.equal(answers['free'] + answers['held'], probes)
      } finally {
        opener.endInput()
      }
      const { opens, errors } = (await opener.result()) as { opens: number; errors: object }
      assert.deepEqual(errors, {})
      assert.ok(opens >= 10_000, `${opens} opens`)
    })
  }
})
