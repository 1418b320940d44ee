import type { Logger } from "./logger.js"

const INTERVAL_MS = 600_000

/** Runs each sweep every ten minutes; deleting what is over is never urgent, so a failed sweep waits for the next. */
export function startHousekeeping(
  logger: Logger,
  sweeps: Record<string, () => Promise<unknown>>,
): { stop(): void } {
  const timer = setInterval(() => {
    for (const [name, sweep] of Object.entries(sweeps)) {
      sweep().catch((cause: unknown) => logger.warn({ err: cause, sweep: name }, "housekeeping failed"))
    }
  }, INTERVAL_MS).unref()
  return { stop: () => clearInterval(timer) }
}
