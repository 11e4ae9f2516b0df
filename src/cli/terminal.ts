import { createInterface } from 'node:readline'
import { styleText } from 'node:util'

/** Standard output, or standard error. */
export type OutputStream = 'result' | 'message'

type Style = Parameters<typeof styleText>[0]

/** The streams and the facts about them that a command is handed. Results go to standard output, everything else to standard error. */
export interface Terminal {
  /** Somebody can be asked: standard input and standard error are terminals. */
  readonly interactive: boolean
  result(text: string): void
  message(text: string): void
  /** Styles text where its stream shows colours (a terminal, and NO_COLOR is not set). */
  style(stream: OutputStream, style: Style, text: string): string
  /** False also where nobody answers. */
  ask(question: string, signal: AbortSignal): Promise<boolean>
}

// Whoever reads the output may go away (`restartctl run … | head`). The work goes on: what was stopped has to be started again.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

export const terminal: Terminal = {
  interactive: process.stdin.isTTY && process.stderr.isTTY,
  result: (text) => void process.stdout.write(`${text}\n`),
  message: (text) => void process.stderr.write(`${text}\n`),
  style(name, style, text) {
    const stream = name === 'result' ? process.stdout : process.stderr
    return stream.isTTY ? styleText(style, text, { stream }) : text
  },
  async ask(question, signal) {
    if (signal.aborted) return false
    const prompt = createInterface({
      input: process.stdin,
      output: process.stderr,
      prompt: `${question} [y/N] `,
      signal,
    })
    const answer = await new Promise<string>((resolve) => {
      prompt.once('line', resolve)
      prompt.once('close', () => resolve(''))
      prompt.once('SIGINT', () => prompt.close())
      prompt.prompt()
    })
    prompt.close()
    return /^y(es)?$/i.test(answer.trim())
  },
}
