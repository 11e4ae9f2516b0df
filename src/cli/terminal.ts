import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** The streams and the facts about them that a command is handed. Results go to standard output, everything else to standard error. */
export interface Terminal {
  /** Standard output is a terminal. */
  readonly resultsShown: boolean
  /** Somebody can be asked: standard input and standard error are terminals. */
  readonly interactive: boolean
  /** The width of standard output in columns; 0 where it is no terminal. */
  readonly columns: number
  result(text: string): void
  message(text: string): void
  /** Styles text where its stream shows colours (a terminal, and NO_COLOR is not set). */
  style(stream: 'result' | 'message', style: Style, text: string): string
  /** False also where nobody answers. */
  ask(question: string, signal: AbortSignal): Promise<boolean>
}

export const terminal: Terminal = {
  resultsShown: process.stdout.isTTY,
  interactive: process.stdin.isTTY && process.stderr.isTTY,
  columns: process.stdout.isTTY ? process.stdout.columns : 0,
  result: (text) => void process.stdout.write(`${text}\n`),
  message: (text) => void process.stderr.write(`${text}\n`),
  style: (stream, style, text) =>
    styleText(style, text, { stream: stream === 'result' ? process.stdout : process.stderr }),
  async ask(question, signal) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr })
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        prompt.once('close', () => resolve(''))
        prompt.once('SIGINT', () => prompt.close())
        prompt.question(`${question} [y/N] `, { signal }).then(resolve, reject)
      })
      return /^y(es)?$/i.test(answer.trim())
    } finally {
      prompt.close()
    }
  },
}
