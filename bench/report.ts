import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const title = `# Benchmarks

Written by \`npm run bench -- --write\`: medians of commands run in turn, all in one run. How to read it: the column "takes of it"
is what this project's command takes of the time of the other one.
`

/** What a run found, as Markdown: printed at once, and kept where that is wanted. */
export class Report {
  readonly #parts: string[] = [title]

  heading(text: string): void {
    this.#add(`## ${text}\n`)
  }

  text(text: string): void {
    this.#add(`${text}\n`)
  }

  table(head: string[], rows: string[][]): void {
    const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
    this.#add(`${lines.join('\n')}\n`)
  }

  /** `file`: its name in docs; null where it is not kept. */
  finish(file: string | null): void {
    if (file !== null) writeFileSync(fileURLToPath(new URL(`../docs/${file}`, import.meta.url)), this.#parts.join('\n'))
  }

  #add(part: string): void {
    this.#parts.push(part)
    console.log(part)
  }
}
