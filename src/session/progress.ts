import type { ApplicationResult, Progress } from '../model/index.ts'

/**
 * Turns settled applications into percentages that strictly increase and end, whatever happens, with one report of 100.
 * An error that the listener throws does not disturb the operation: `throwFailure` throws it.
 */
export class ProgressReport {
  readonly #phase: Progress['phase']
  readonly #listener: ((progress: Progress) => void) | undefined
  #total = 0
  #settled = 0
  #percent = -1
  #failure: { error: unknown } | null = null

  constructor(phase: Progress['phase'], listener: ((progress: Progress) => void) | undefined) {
    this.#phase = phase
    this.#listener = listener
  }

  begin(total: number): void {
    this.#total = total
  }

  /** Below 100 until the end; two that fall on the same percentage are one report. */
  settled({ application, outcome }: ApplicationResult): void {
    this.#settled += 1
    const percent = Math.min(99, Math.floor((this.#settled * 100) / Math.max(1, this.#total)))
    if (percent > this.#percent) this.#report({ percent, phase: this.#phase, application, outcome })
  }

  end(): void {
    this.#report({ percent: 100, phase: this.#phase })
  }

  /** Throws what the listener threw first. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }

  #report(progress: Progress): void {
    this.#percent = progress.percent
    try {
      this.#listener?.(progress)
    } catch (error) {
      this.#failure ??= { error }
    }
  }
}
