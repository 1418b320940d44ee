// SQLSTATE classes and codes that say "not now" rather than "never": PostgreSQL, appendix A.
const UNAVAILABLE_STATES = new Set([
  "25006", // read_only_sql_transaction: an old primary after a failover
  "40001", // serialization_failure
  "40P01", // deadlock_detected: the other one goes on
  "55P03", // lock_not_available
  "57014", // query_canceled by statement_timeout
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
])
const UNAVAILABLE_CLASSES = new Set([
  "08", // connection exceptions
  "53", // insufficient resources: connections, memory, a full disk
])
const UNAVAILABLE_ERRNOS = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
])
const UNAVAILABLE_TEXTS =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Timeout acquiring a connection|Query read timeout|not queryable/

/** Whether a statement failed because another row has the value already; for those that have no `on conflict`. */
export const isUniqueViolation = (error: unknown, constraint: string): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "23505" &&
  "constraint" in error &&
  error.constraint === constraint

/** Whether an error means that the database can't answer now, and may again soon: the caller's 503. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  const code = "code" in error ? String(error.code) : ""
  return (
    UNAVAILABLE_STATES.has(code) ||
    UNAVAILABLE_CLASSES.has(code.slice(0, 2)) ||
    UNAVAILABLE_ERRNOS.has(code) ||
    UNAVAILABLE_TEXTS.test(error.message)
  )
}
