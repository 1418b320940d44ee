import { AsyncLocalStorage } from "node:async_hooks"
import type { Logger } from "./logger.js"

/** A task that runs again and again, never twice at once. */
export interface Pulse {
  start(): void
  /** Runs it now, or once more right after the run under way. */
  wake(): void
  /** Waits for the run under way. */
  stop(): Promise<void>
}

/** Runs `task` at every wake and at least each interval; a failure is logged and waits for the next interval. */
export function createPulse(options: {
  task: () => Promise<void>
  name: string
  intervalMs: number
  logger: Logger
}): Pulse {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let wokenMeanwhile = false
  // A run serves all who woke it, so it belongs to nobody's trace.
  const detached = AsyncLocalStorage.snapshot()

  const run = async () => {
    try {
      do {
        wokenMeanwhile = false
        await options.task()
      } while (wokenMeanwhile && timer)
    } catch (cause) {
      options.logger.warn({ err: cause }, `the ${options.name} failed, and will try again`)
    } finally {
      running = undefined
    }
  }
  const wake = () => {
    wokenMeanwhile = true
    if (timer) running ??= detached(run)
  }

  return {
    start() {
      timer ??= setInterval(wake, options.intervalMs)
      wake()
    },
    wake,
    async stop() {
      clearInterval(timer)
      timer = undefined
      await running
    },
  }
}
