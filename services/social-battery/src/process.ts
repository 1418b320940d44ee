import { ConfigError } from "./config.js"
import type { Logger } from "./logger.js"

/** A started service: where it listens, and how to stop it. */
export interface Running {
  port: number
  logger: Logger
  /** How long a stop may take before the process ends with 1. */
  stopLimitMs: number
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>
}

/**
 * Runs the service until SIGTERM, Ctrl-C, or the end of the supervisor that started it; Ctrl-C reaches a whole
 * group, so it is left to the supervisor where there is one. Exits with 0 after an orderly stop.
 */
export function runProcess(start: () => Promise<Running>): void {
  const starting = Promise.resolve().then(start)
  let stopping = false

  const stop = async (reason: string, exitCode: number) => {
    if (stopping) return
    stopping = true
    const { logger, stopLimitMs, stop } = await starting
    logger.info({ reason }, "stopping")
    setTimeout(() => process.exit(1), stopLimitMs)
    await stop()
    process.exit(exitCode)
  }

  const isSupervised = process.send !== undefined
  process.on("SIGTERM", () => void stop("SIGTERM", 0))
  process.on("SIGINT", () => void (isSupervised || stop("SIGINT", 0)))
  process.on("disconnect", () => void stop("the supervisor is gone", 0))
  process.on("uncaughtException", (cause) => {
    // A failed start or stop ends here too, and then there is nothing left to stop.
    if (stopping) return fail(cause)
    starting.then(({ logger }) => {
      logger.fatal({ err: cause }, "uncaught exception")
      void stop("uncaught exception", 1)
    }, fail)
  })

  starting.then(({ port, logger }) => {
    if (stopping) return
    logger.info({ port }, "ready")
    process.send?.({ type: "ready", port })
  }, fail)
}

function fail(cause: unknown): void {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  process.stderr.write(`${cause instanceof ConfigError ? cause.message : text}\n`)
  process.exit(1)
}
