import { type DestinationStream, type Logger, pino } from "pino"

export type { Logger } from "pino"

// Check 119: these never reach a log, however deep the object they hang on.
const SECRET_NAMES = [
  "password",
  "new_password",
  "confirm_password",
  "token",
  "access_token",
  "refresh_token",
  "id_token",
  "client_secret",
  "secret",
  "otp",
  "code",
  "authorization",
  "cookie",
]

/** One JSON line per event on standard output; secrets by name are shown as `[redacted]`. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: serializeError },
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[redacted]",
    },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** What went wrong and where, but never a row: PostgreSQL's `detail` quotes the one that failed. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { type, message, stack } = pino.stdSerializers.err(error)
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  // Under another name, since `code` is what one-time codes are called in requests.
  return { type, message, stack, error_code: code, constraint }
}
