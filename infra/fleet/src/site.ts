import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { gatepost, type LocalPostgres, migrateAll, startPostgres, withExamples } from "@gatepost/local"
import { ownRedis } from "@gatepost/testkit"
import pg from "pg"
import { type PgBouncer, startPgBouncer } from "./pgbouncer.js"
import { type RedisCluster, startRedisCluster } from "./redis-cluster.js"
import { type SentinelRedis, startSentinel } from "./sentinel.js"
import { createStandby, type ReplicatedPostgres } from "./standby.js"

export type Backend = "postgres" | "redis"

/**
 * What stands where a single server would: a PostgreSQL with a synchronous standby, a Redis with a replica and
 * Sentinels, a Redis Cluster, a PgBouncer in transaction mode before PostgreSQL.
 */
export const topologies = ["standby", "sentinel", "cluster", "pgbouncer"] as const

export type Topology = (typeof topologies)[number]

/** What the pipeline stands on, in one place that nobody else uses, with the handles to break it. */
export interface Site {
  /** The URL of our database, as the owner of everything or as a service's role: what services get. */
  databaseUrl(role?: string): string
  /** The same past PgBouncer, where there is one. */
  directUrl(role?: string): string
  /** What services need to know of all this, but the database's URL. */
  settings: Record<string, string>
  /** Set where the queue is in Redis. */
  redisUrl: string | undefined
  /** Where the topology has them. */
  replicated?: ReplicatedPostgres
  sentinel?: SentinelRedis
  cluster?: RedisCluster
  query<Row>(statement: string, values?: unknown[]): Promise<Row[]>
  /** An immediate stop, a pause, and a start: what was not on the disk is gone. */
  crashPostgres(pauseMs: number): Promise<void>
  /** In order, or at once: then what was not on the disk is gone. Not where it has a standby. */
  stopPostgres(mode: "fast" | "immediate"): Promise<void>
  startPostgres(): Promise<void>
  /** Where it is a single server. */
  redis?: OwnRedis
  /** Nothing, where there is no Redis. */
  flushRedis(): Promise<void>
  close(): Promise<void>
}

const PASSWORD = "a-password-of-the-fleet"
const DATABASE = "gatepost"
const EXAMPLES = ["social-battery"] as const
// Commits wait for the disk, as they do in production: what is lost in a crash is really lost.
const SETTINGS = { fsync: "on", synchronous_commit: "on", max_connections: "200", shared_buffers: "64MB" }

type OwnRedis = Awaited<ReturnType<typeof ownRedis>>

export interface SiteOptions {
  /** Settings of a single PostgreSQL, above those that every site has. */
  postgres?: Record<string, string>
  /** An empty folder for its data, which then stays; one of its own by itself. */
  dir?: string
}

export async function openSite(
  backend: Backend,
  topology: readonly Topology[] = [],
  options: SiteOptions = {},
): Promise<Site> {
  const postgres = topology.includes("standby") ? await replicatedPostgres() : await singlePostgres(options)
  const redis = backend === "redis" ? await openRedisOf(topology) : undefined
  const roles = withExamples(gatepost, EXAMPLES).programs.map(({ role }) => role)
  const directUrl = (role?: string) => postgres.url(DATABASE, role)

  await run(postgres.url("postgres"), `create database ${DATABASE}`)
  await migrateAll(directUrl(), undefined, EXAMPLES)
  for (const role of roles) {
    await run(postgres.url("postgres"), `alter role ${role} login password '${PASSWORD}'`)
  }
  const users = Object.fromEntries(roles.map((role) => [role, PASSWORD]))
  const bouncer = topology.includes("pgbouncer")
    ? await startPgBouncer({ database: DATABASE, port: postgres.port(), users })
    : undefined

  return {
    directUrl,
    databaseUrl: (role) => (bouncer && role ? pastPort(directUrl(role), bouncer) : directUrl(role)),
    settings: { ...(redis && { REDIS_URL: redis.url }), ...(bouncer && { DB_PREPARED: "off" }) },
    redisUrl: redis?.url,
    ...(postgres.replicated && { replicated: postgres.replicated }),
    ...(redis?.sentinel && { sentinel: redis.sentinel }),
    ...(redis?.cluster && { cluster: redis.cluster }),
    ...(redis?.single && { redis: redis.single }),
    query: (statement, values) => run(directUrl(), statement, values),
    async crashPostgres(pauseMs) {
      await postgres.stop("immediate")
      await sleep(pauseMs)
      await postgres.start()
    },
    stopPostgres: postgres.stop,
    startPostgres: postgres.start,
    flushRedis: async () => redis?.flush(),
    async close() {
      await bouncer?.stop()
      await postgres.close()
      await redis?.stop()
    },
  }
}

function pastPort(url: string, { port }: PgBouncer): string {
  const other = new URL(url)
  other.port = String(port)
  return other.href
}

interface SitePostgres {
  port(): number
  url(database: string, role?: string): string
  stop(mode: "fast" | "immediate"): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
  replicated?: ReplicatedPostgres
}

async function singlePostgres(options: SiteOptions): Promise<SitePostgres> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), "gatepost-fleet-"))
  const settings = { ...SETTINGS, ...options.postgres }
  chmodSync(dir, 0o711)
  let server: LocalPostgres = await startPostgres({ dir, settings })
  const { port } = server
  return {
    port: () => port,
    url: (database, role) => server.url(database, role ? { name: role, password: PASSWORD } : undefined),
    stop: (mode) => server.stop(mode),
    async start() {
      server = await startPostgres({ dir, port, settings })
    },
    async close() {
      await server.stop("immediate")
      if (!options.dir) rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function replicatedPostgres(): Promise<SitePostgres> {
  const replicated = await createStandby(SETTINGS)
  return {
    replicated,
    port: () => replicated.port,
    url: (database, role) =>
      `postgres://${role ? `${role}:${PASSWORD}` : "postgres"}@127.0.0.1:${replicated.port}/${database}`,
    stop: (mode) => replicated.primary().stop(mode === "fast" ? "SIGINT" : "SIGQUIT"),
    start: () => replicated.primary().start(),
    close: replicated.stop,
  }
}

interface SiteRedis {
  url: string
  single?: OwnRedis
  sentinel?: SentinelRedis
  cluster?: RedisCluster
  flush(): Promise<void>
  stop(): Promise<void>
}

async function openRedisOf(topology: readonly Topology[]): Promise<SiteRedis> {
  if (topology.includes("sentinel")) {
    const sentinel = await startSentinel()
    const flush = async () => void (await sentinel.run((redis) => redis.flushall()))
    return { url: sentinel.url, sentinel, flush, stop: sentinel.stop }
  }
  if (topology.includes("cluster")) {
    const cluster = await startRedisCluster()
    const flush = () => cluster.run((redis) => redis.flushall())
    return { url: cluster.url, cluster, flush, stop: cluster.stop }
  }
  const redis = await ownRedis({ skip: () => {} })
  const flush = async () => void (await redis.run((client) => client.flushall()))
  return { url: redis.url, single: redis, flush, stop: redis.stop }
}

/** On a connection of its own, since those that are kept don't survive here. */
async function run<Row>(url: string, statement: string, values?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  client.on("error", () => {})
  await client.connect()
  try {
    return (await client.query(statement, values)).rows as Row[]
  } finally {
    await client.end()
  }
}
