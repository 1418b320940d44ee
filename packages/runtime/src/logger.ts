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
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[redacted]",
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
