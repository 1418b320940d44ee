import { type Logger, pino } from "pino"

export type { Logger }

/** One JSON line per event on standard output. */
export const createLogger = (level: string): Logger =>
  pino({
    level,
    base: { service: "social-battery" },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: serializeError },
  })

/** What went wrong and where, but never a row: PostgreSQL's `detail` quotes the one that failed. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { type, message, stack } = pino.stdSerializers.err(error)
  return { type, message, stack, code: (error as { code?: unknown }).code }
}
