import { tracer } from "@gatepost/tracing"
import knexModule, { type Knex } from "knex"
import { createFlush, type PoolConnection } from "./flush.js"
import { discardPendingOf } from "./read-timeouts.js"
import { traceQueries } from "./trace-queries.js"

const { knex } = knexModule

/** A connection pool or a transaction: repositories take either, and can't tell them apart. */
export type Db = Knex | Knex.Transaction

export interface Database {
  readonly db: Knex
  /** @throws when the database can't be reached within a second */
  ping(): Promise<void>
  /** Runs `work` in one transaction: whatever it throws undoes everything, what it returns is committed. */
  transaction<Result>(work: (trx: Knex.Transaction) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** `postgres://…` */
  url: string
  /** Shown in `pg_stat_activity`. */
  applicationName: string
  poolSize: number
  /** Off behind a PgBouncer that can't prepare in transaction mode. */
  prepared?: boolean
}

// SECURITY.md section 2: nobody waits for a connection, a lock or a statement longer than this.
const ACQUIRE_TIMEOUT_MS = 1_000
const CONNECT_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 5_000
const LOCK_TIMEOUT_MS = 2_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
// The system itself would ask after two hours whether the other side is still there.
const KEEP_ALIVE_MS = 3_000

/** Opens a pool; connects on first use, so it never fails by itself. */
export function openDatabase(options: DatabaseOptions): Database {
  const connection = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  }
  const watch = createFlush()
  const db = knex({
    client: "pg",
    connection,
    pool: {
      min: 0,
      max: options.poolSize,
      afterCreate(connection: PoolConnection, done: () => void) {
        watch(connection)
        discardPendingOf(connection)
        done()
      },
    },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // M15: knex's own logger writes thousands of lines a second while the database is away.
    log: silent,
  }).withUserParams({ prepared: options.prepared ?? true })

  const tracing = tracer()
  if (tracing) traceQueries(db, tracing)

  return {
    db,
    async ping() {
      await db.raw("select 1").timeout(ACQUIRE_TIMEOUT_MS)
    },
    transaction: (work) => db.transaction(work),
    async close() {
      await db.destroy()
    },
  }
}

/** For knex, whose own logger would print what its caller is told anyway. */
export const silent = { warn() {}, error() {}, deprecate() {}, debug() {} }
