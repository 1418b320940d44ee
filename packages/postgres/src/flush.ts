import type { Client } from "pg"

/** What knex's pool knows of a connection: it gives out none that is marked so. */
export type PoolConnection = Client & { __knex__disposed?: Error }

type Flush = (cause: Error) => void

// read_only_sql_transaction
const READ_ONLY = "25006"

const flushes = new WeakMap<object, Flush>()

/** Has a pool forget all connections it has: those that are in use when they are given back. */
export const flushPoolOf = (connection: object, cause: Error): void => flushes.get(connection)?.(cause)

/**
 * Watches the connections of a pool. A server that takes no writes is a standby, or was the primary until a failover:
 * what is open to it, however many, would be refused again and again, while a new connection finds the new primary.
 */
export function createFlush() {
  const open = new Set<PoolConnection>()
  const flush: Flush = (cause) => {
    for (const connection of open) connection.__knex__disposed ??= cause
  }
  return (connection: PoolConnection) => {
    open.add(connection)
    flushes.set(connection, flush)
    connection.once("end", () => void open.delete(connection))
    onReadOnly(connection, flush)
  }
}

/** Calls back when a server refuses a write because it takes none, whoever sent it. */
export function onReadOnly(client: object, found: (refusal: Error) => void): void {
  const { connection } = client as { connection: NodeJS.EventEmitter }
  connection.on("errorMessage", (refusal: Error & { code?: string }) => {
    if (refusal.code === READ_ONLY) found(refusal)
  })
}
