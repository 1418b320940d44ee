import pg from "pg"

// SQLSTATE classes and codes that say "not now" rather than "never": PostgreSQL, appendix A.
const NOT_NOW = /^(?:08...|53300|55P03|57014|57P0[1-3]|25006)$/
const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"])
const TEXTS = /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout)/

/** Whether an error means that the database can't answer now, and may again soon: the caller's 503. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return NOT_NOW.test(error.code ?? "")
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  if (!(error instanceof Error)) return false
  return NETWORK.has((error as NodeJS.ErrnoException).code ?? "") || TEXTS.test(error.message)
}
