import { setTimeout as sleep } from "node:timers/promises"
import { onReadOnly } from "@gatepost/postgres"
import { type Logger, readRedisUrl } from "@gatepost/runtime"
import { openRedis } from "@gatepost/runtime/redis"
import { tracer } from "@gatepost/tracing"
import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type Processor,
  type WorkerOptions,
  withBackend,
} from "bullmq"
import pg from "pg"
import { inTime } from "./in-time.js"

export interface JobsOptions {
  /** Where there is one, BullMQ runs on Redis; else on PostgreSQL. */
  redisUrl?: string | undefined
  databaseUrl: string
  /** Off behind a PgBouncer that can't prepare in transaction mode. */
  prepared?: boolean
  logger: Logger
}

/** BullMQ on whichever backend is configured; the same code, the same behaviour. */
export type Jobs = ReturnType<typeof createJobs>

// Each worker keeps one connection for LISTEN; the rest is for taking and finishing jobs.
const POOL_SIZE = 12
const CONNECT_TIMEOUT_MS = 5_000
const QUERY_TIMEOUT_MS = 10_000
const RETRY_MS = 1_000
// Below the limit of a stop (25 s): whatever a worker still has in hand then is uncertain, and known to be.
const FINISH_LIMIT_MS = 20_000

/**
 * Opens the connections of BullMQ; they connect by themselves, now or later.
 * `close` also closes what `queue` and `worker` made; `finish` the workers before.
 */
export function createJobs({ redisUrl, databaseUrl, prepared = true, logger }: JobsOptions) {
  const onError = (cause: Error) => logger.warn({ err: cause }, "the job queue reports an error")
  const connections = redisUrl
    ? redisConnections(redisUrl, onError)
    : pgConnections(databaseUrl, prepared, onError)
  // The two factories differ in the connection's type alone, and each gets its own kind.
  const factory = (redisUrl ? createRedisBackend : createPostgresBackend) as BackendFactory<
    IQueueBackend,
    unknown
  >
  const bullmq = withBackend(factory)
  const tracing = tracer()
  const common = tracing ? { telemetry: tracing.jobs } : {}
  const opened: { close(): Promise<void>; waitUntilReady(): Promise<unknown> }[] = []

  return {
    backend: redisUrl ? ("redis" as const) : ("postgres" as const),

    /**
     * Waits until PostgreSQL answers, where BullMQ runs on it: what `queue` and `worker` make while it is away
     * stays deaf for good, since BullMQ remembers the failure.
     */
    reachable: connections.reachable,

    /** @throws when something that `queue` or `worker` made did find it away: this process must be started anew */
    async ready() {
      if (!redisUrl) await Promise.all(opened.map((queueOrWorker) => queueOrWorker.waitUntilReady()))
    },

    queue<Data>(name: string) {
      const queue = new bullmq.Queue<Data>(name, {
        ...common,
        connection: connections.producer,
        ...connections.keysOf(name),
      })
      queue.on("error", onError)
      opened.push(queue)
      return queue
    },

    worker<Data>(
      name: string,
      process: Processor<Data, unknown, string>,
      options: Omit<WorkerOptions<unknown>, "connection">,
    ) {
      const worker = new bullmq.Worker<Data>(name, process, {
        ...common,
        ...options,
        connection: connections.consumer,
        ...connections.keysOf(name),
      })
      worker.on("error", onError)
      opened.push(worker)
      return worker
    },

    /** Lets a worker's running jobs finish. It may wait for ever for a Redis that came back empty; this does not. */
    async finish(worker: { close(): Promise<void> }) {
      await inTime(worker.close(), FINISH_LIMIT_MS).catch(onError)
    },

    async close() {
      await Promise.allSettled(opened.map((queueOrWorker) => inTime(queueOrWorker.close())))
      await connections.close()
    },
  }
}

interface Connections {
  producer: unknown
  consumer: unknown
  /** How BullMQ names what belongs to a queue, where not as by itself. */
  keysOf(queue: string): { prefix?: string }
  reachable(): Promise<void>
  close(): Promise<void>
}

function redisConnections(url: string, onError: (cause: Error) => void): Connections {
  // A producer must hear at once that Redis is away; BullMQ's workers insist on waiting for it.
  const producer = openRedis(url, "tell").on("error", onError)
  const consumer = openRedis(url, "wait").on("error", onError)
  // A cluster keeps all of a queue on one node, which is chosen by what stands in braces; each queue by its own.
  const isCluster = readRedisUrl(url).kind === "cluster"
  return {
    producer,
    consumer,
    keysOf: (queue) => (isCluster ? { prefix: `{${queue}}` } : {}),
    // It connects again by itself, whenever that is.
    async reachable() {},
    async close() {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}

function pgConnections(url: string, prepared: boolean, onError: (cause: Error) => void): Connections {
  const pool = new pg.Pool({
    connectionString: withSessionOptions(url),
    application_name: "bullmq",
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  })
  // BullMQ adds a listener per queue and worker and never removes one.
  pool.setMaxListeners(0)
  pool.on("error", onError)
  // It leads to a standby, or to what was the primary: the next one does not. Not within the answer.
  pool.on("connect", (client) =>
    onReadOnly(client, () => setImmediate(() => void (client as pg.Client).end())),
  )
  if (prepared) prepareStatements(pool)
  return {
    producer: pool,
    consumer: pool,
    keysOf: () => ({}),
    reachable: () => untilAnswered(pool, onError),
    close: () => pool.end(),
  }
}

async function untilAnswered(pool: pg.Pool, onError: (cause: Error) => void): Promise<void> {
  for (;;) {
    try {
      await pool.query("select 1")
      return
    } catch (cause) {
      onError(cause as Error)
      await sleep(RETRY_MS)
    }
  }
}

/** BullMQ hands over its few statements as text, which PostgreSQL would parse and plan anew each time. */
function prepareStatements(pool: pg.Pool): void {
  const names = new Map<string, string>()
  const query = pool.query.bind(pool) as (statement: string | pg.QueryConfig) => Promise<pg.QueryResult>
  const queryPrepared = (text: string, values?: unknown[]) => {
    if (!values) return query(text)
    const name = names.get(text) ?? `bullmq_${names.size}`
    names.set(text, name)
    return query({ name, text, values })
  }
  Object.assign(pool, { query: queryPrepared })
}

// BullMQ names its tables without a schema. It need not wait for the disk: the mails' rows are the truth, and
// the relay's own commit, which does wait, has every earlier one on the disk too.
const SESSION_OPTIONS = "-c search_path=bullmq -c synchronous_commit=off"

/** Other `options` of the URL, such as a role, stay. */
function withSessionOptions(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  const options = [url.searchParams.get("options"), SESSION_OPTIONS].filter(Boolean)
  url.searchParams.set("options", options.join(" "))
  return url.href
}
