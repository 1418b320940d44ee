import type { Client, ClientBase } from "pg"
import { flushPoolOf } from "./flush.js"

type Connection = ClientBase & { __knex__disposed?: Error }
type Callback = (error: unknown, result?: unknown) => void

// What pg says when no answer came within `query_timeout`; the query itself goes on.
const READ_TIMEOUT = "Query read timeout"

/** Ends a connection whose query is still pending: its next user would wait behind it. */
export function discardPending(connection: Connection, error: unknown): void {
  if (!(error instanceof Error) || error.message !== READ_TIMEOUT) return
  // knex's pool gives out no connection that is marked so.
  connection.__knex__disposed = error
  // The server itself ends a statement that is slow, and sooner: likely the machine is gone without a word, and what
  // else is open leads there, too.
  flushPoolOf(connection, error)
  // With a query under way pg destroys the socket rather than say goodbye behind it.
  void (connection as Client).end()
}

/** The same for every query of the query builder, which asks pg with a callback and knows nothing of this. */
export function discardPendingOf(connection: Connection): void {
  const query = connection.query.bind(connection) as (...args: unknown[]) => unknown
  const watched = (...args: unknown[]): unknown => {
    const callback = args.at(-1)
    if (typeof callback !== "function") return query(...args)
    const settle: Callback = (error, result) => {
      discardPending(connection, error)
      callback(error, result)
    }
    return query(...args.slice(0, -1), settle)
  }
  connection.query = watched as ClientBase["query"]
}
