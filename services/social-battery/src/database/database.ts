import pg from "pg"
import type { Logger } from "../logger.js"

/** A pool, or one connection of it that is in a transaction. */
export type Db = Pick<pg.ClientBase, "query">

export type Database = ReturnType<typeof openDatabase>

// Nobody waits longer than this for a connection, a lock or a statement.
const ACQUIRE_TIMEOUT_MS = 2_000
const LOCK_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 5_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000

/** Opens a pool; connects on first use, so it never fails by itself. */
export function openDatabase(url: string, poolSize: number, logger: Logger) {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "gatepost social-battery",
    max: poolSize,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  })
  pool.on("connect", (client) => {
    // A connection that breaks while nobody listens to it would end the process.
    client.on("error", () => {})
    endWhereNothingIsWritten(client as pg.Client)
  })
  pool.on("error", (err) => logger.warn({ err }, "a database connection was lost"))

  return {
    db: pool as Db,
    async ping() {
      await pool.query("select 1")
    },
    /** Runs `work` in one transaction: whatever it throws undoes everything, what it returns is committed. */
    async transaction<Result>(work: (trx: Db) => Promise<Result>): Promise<Result> {
      const client = await pool.connect()
      try {
        await client.query("begin")
        const result = await work(client)
        await client.query("commit")
        client.release()
        return result
      } catch (cause) {
        // Whatever the connection still does ends with it, and so does the transaction.
        client.release(true)
        throw cause
      }
    },
    close: () => pool.end(),
  }
}

/** A server that takes no writes was the primary until a failover: a new connection finds the new one. */
function endWhereNothingIsWritten(client: pg.Client): void {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
  connection.on("errorMessage", ({ code }: { code?: string }) => {
    // Not within the answer, which its caller shall see.
    if (code === "25006") setImmediate(() => void client.end())
  })
}
