import type { TestEvent } from 'node:test/reporters'

/** How much of what the tests write is kept, for a failure that says nothing itself. */
const keptCharacters = 4_000

/** What one test came to, as a line of JSON: the way from the machine to the tests outside. */
export interface TestLine {
  /** The names of the suites around it and its own. */
  name: string[]
  result: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped, or the error. */
  text: string
  durationMs: number
}

/** A reporter for `node --test`: one TestLine for every test, none for a suite unless it failed itself. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names: string[] = []
  let written = ''
  for await (const { type, data } of events) {
    if (type === 'test:stderr') written = (written + data.message).slice(-keptCharacters)
    if (type === 'test:start') names.splice(data.nesting, names.length, data.name)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const name = [...names.slice(0, data.nesting), data.name]
    const durationMs = data.details.duration_ms
    if (type === 'test:fail') {
      const { error } = data.details
      if (isOfSubtests(error)) continue
      if (isTodo(data)) yield line({ name, result: 'skipped', text: `Fails, and is to do: ${data.todo}`, durationMs })
      else yield line({ name, result: 'failed', text: failure(error, written), durationMs })
    } else if (data.skip !== undefined) yield line({ name, result: 'skipped', text: String(data.skip), durationMs })
    else if (data.details.type !== 'suite') yield line({ name, result: 'passed', text: '', durationMs })
  }
}

/** Its failure is known; the reason says what has to be done about it. */
function isTodo({ todo }: { todo?: string | boolean | undefined }): boolean {
  return todo !== undefined && todo !== false
}

/** The tests that failed within it have had their own line. */
function isOfSubtests(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed'
}

function line(test: TestLine): string {
  return `${JSON.stringify(test)}\n`
}

/** A file that fails as a whole says why on standard error only. */
function failure(error: Error, written: string): string {
  const { cause } = error
  return cause instanceof Error ? (cause.stack ?? cause.message) : `${error.message}\n${written}`
}
