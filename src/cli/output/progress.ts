import { SingleBar, Presets } from 'cli-progress'
import type { Progress } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { shown } from './text.ts'

const titles = { shutdown: 'Stopping', restart: 'Starting' } as const

/** A bar on a terminal; elsewhere, and with --quiet, nothing: the rows that follow say it all. */
export function progressBar(terminal: Terminal, quiet: boolean): (progress: Progress) => void {
  if (quiet || !terminal.interactive) return () => undefined
  let bar: SingleBar | null = null
  return ({ percent, phase, application }) => {
    if (!bar) {
      bar = new SingleBar(
        {
          format: `${titles[phase]} [{bar}] {percentage}% {name}`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
        },
        Presets.legacy,
      )
      bar.start(100, 0, { name: '' })
    }
    bar.update(percent, { name: shown(application?.name ?? '') })
    if (percent < 100) return
    bar.stop()
    bar = null
  }
}
