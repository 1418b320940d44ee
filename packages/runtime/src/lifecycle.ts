import { ConfigError } from "./config.js"
import type { Logger } from "./logger.js"

/** A started program: what to tell a supervisor, and how to stop. */
export interface Process {
  /** The port that serves requests, if any. */
  port?: number
  logger: Logger
  /** How long a stop may take before the program ends with 1; 25 s if unset. */
  stopLimitMs?: number
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>
}

const STOP_LIMIT_MS = 25_000

/**
 * Runs a program until it is told to stop: SIGTERM, or the end of the supervisor that started it.
 * SIGINT is left to the supervisor where there is one, since Ctrl-C reaches the whole group.
 *
 * A program told to stop while it starts is started first, so that nothing is left half open.
 * Exits with 0 after an orderly stop, and with 1 when the start or the stop failed.
 */
export function runProcess(start: () => Promise<Process>): void {
  const starting = Promise.resolve().then(start)
  let running: Process | undefined
  let stopping = false

  const stop = async (reason: string, exitCode: number) => {
    if (stopping) return
    stopping = true
    const startLimit = setTimeout(() => process.exit(1), STOP_LIMIT_MS)
    const started = await starting
    clearTimeout(startLimit)
    started.logger.info({ reason }, "stopping")
    setTimeout(() => process.exit(1), started.stopLimitMs ?? STOP_LIMIT_MS)
    await started.stop().catch((cause: unknown) => {
      started.logger.error({ err: cause }, "the stop failed")
      process.exit(1)
    })
    process.exit(exitCode)
  }

  const supervised = process.send !== undefined
  process.on("SIGTERM", () => void stop("SIGTERM", 0))
  process.on("SIGINT", () => (supervised ? undefined : void stop("SIGINT", 0)))
  process.on("disconnect", () => void stop("the supervisor is gone", 0))
  process.on("uncaughtException", (cause) => {
    if (!running) return fail(cause)
    running.logger.fatal({ err: cause }, "uncaught exception")
    void stop("uncaught exception", 1)
  })

  starting.then((started) => {
    running = started
    if (stopping) return
    started.logger.info({ port: started.port }, "ready")
    process.send?.({ type: "ready", port: started.port })
  }, fail)
}

function fail(cause: unknown): void {
  const text =
    cause instanceof ConfigError ? cause.message : cause instanceof Error ? cause.stack : String(cause)
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
