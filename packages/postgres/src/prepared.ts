import { currentTraceparent, traced } from "@gatepost/tracing"
import type { ClientBase, QueryResultRow } from "pg"
import type { Db } from "./database.js"
import { discardPending } from "./read-timeouts.js"
import { statementSpan } from "./trace-queries.js"

export interface PreparedStatement {
  /** Unique per text: PostgreSQL keeps the plan under this name for the connection's life. */
  name: string
  text: string
  values: unknown[]
}

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
    discardPending(connection, error)
    throw error
  } finally {
    await db.client.releaseConnection(connection)
  }
}
