import type { Logger } from "./logger.js"

const INTERVAL_MS = 600_000

export type Sweeps = Record<string, () => Promise<unknown>>

export interface Housekeeping {
  /** By their names, which docs/bounds.md has. */
  sweeps: Sweeps
  /** Waits for the sweep under way. */
  stop(): Promise<void>
}

/**
 * Runs the sweeps every ten minutes, one after the other, so that they take one connection from those who wait for
 * an answer. Deleting what is over is never urgent: a sweep that fails waits for the next time. Other processes may
 * sweep at the same time.
 */
export function startHousekeeping(logger: Logger, sweeps: Sweeps): Housekeeping {
  let running: Promise<void> | undefined
  let isStopped = false

  async function run(): Promise<void> {
    for (const [name, sweep] of Object.entries(sweeps)) {
      if (isStopped) return
      await sweep().catch((cause: unknown) => logger.warn({ err: cause, sweep: name }, "housekeeping failed"))
    }
  }

  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = undefined
    })
  }, INTERVAL_MS).unref()

  return {
    sweeps,
    async stop(): Promise<void> {
      isStopped = true
      clearInterval(timer)
      await running
    },
  }
}
