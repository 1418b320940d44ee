import { currentTraceparent, traced } from "@gatepost/tracing"
import type { Client, ClientBase, QueryResultRow } from "pg"
import type { Db } from "./database.js"
import { statementSpan } from "./trace-queries.js"

export interface PreparedStatement {
  /** Unique per text: PostgreSQL keeps the plan under this name for the connection's life. */
  name: string
  text: string
  values: unknown[]
}

// What pg says when no answer came within `query_timeout`; the query itself goes on.
const READ_TIMEOUT = "Query read timeout"

/**
 * Runs one named prepared statement on a connection of the pool or of the transaction.
 *
 * For the one or two statements of a hot path: 45 µs of CPU against 80 through the query builder.
 */
export async function prepared<Row extends QueryResultRow>(
  db: Db,
  statement: PreparedStatement,
): Promise<Row[]> {
  const connection: ClientBase = await db.client.acquireConnection()
  try {
    const { name, text, values } = statement
    const query = () =>
      connection.query<Row>(db.userParams.prepared ? { name, text, values } : { text, values })
    const result = currentTraceparent() ? await traced(statementSpan(name), query) : await query()
    return result.rows
  } catch (error) {
    if (error instanceof Error && error.message === READ_TIMEOUT) discard(connection, error)
    throw error
  } finally {
    await db.client.releaseConnection(connection)
  }
}

/** Ends a connection whose query is still pending: its next user would wait behind it. */
function discard(connection: ClientBase & { __knex__disposed?: Error }, cause: Error): void {
  // knex's pool gives out no connection that is marked so.
  connection.__knex__disposed = cause
  // With a query under way pg destroys the socket rather than say goodbye behind it.
  void (connection as Client).end()
}
