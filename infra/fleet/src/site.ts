import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { gatepost, type LocalPostgres, migrateAll, startPostgres, withExamples } from "@gatepost/local"
import { ownRedis } from "@gatepost/testkit"
import pg from "pg"

export type Backend = "postgres" | "redis"

/** What the pipeline stands on, in one place that nobody else uses, with the handles to break it. */
export interface Site {
  /** The URL of our database, as the owner of everything or as a service's role. */
  databaseUrl(role?: string): string
  /** Set where the queue is in Redis. */
  redisUrl: string | undefined
  query<Row>(statement: string, values?: unknown[]): Promise<Row[]>
  /** `pg_ctl stop -m immediate`, a pause, and a start: what was not on the disk is gone. */
  crashPostgres(pauseMs: number): Promise<void>
  /** `pg_ctl stop`; `immediate` loses what was not on the disk. */
  stopPostgres(mode: "fast" | "immediate"): Promise<void>
  startPostgres(): Promise<void>
  /** The Redis, where there is one. */
  redis: Awaited<ReturnType<typeof ownRedis>> | undefined
  /** Nothing, where there is no Redis. */
  flushRedis(): Promise<void>
  close(): Promise<void>
}

const PASSWORD = "a-password-of-the-fleet"
const DATABASE = "gatepost"
const EXAMPLES = ["social-battery"] as const
// Commits wait for the disk, as they do in production: what is lost in a crash is really lost.
const SETTINGS = { fsync: "on", synchronous_commit: "on", max_connections: "200", shared_buffers: "64MB" }

export interface SiteOptions {
  /** Of PostgreSQL, above those that every site has. */
  postgres?: Record<string, string>
  /** An empty folder for the data, which then stays; one of its own by itself. */
  dir?: string
}

export async function openSite(backend: Backend, options: SiteOptions = {}): Promise<Site> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), "gatepost-fleet-"))
  const settings = { ...SETTINGS, ...options.postgres }
  chmodSync(dir, 0o711)
  let server: LocalPostgres = await startPostgres({ dir, settings })
  const { port } = server
  const startAgain = async () => {
    server = await startPostgres({ dir, port, settings })
  }
  const redis = backend === "redis" ? await ownRedis({ skip: () => {} }) : undefined

  const databaseUrl = (role?: string) =>
    server.url(DATABASE, role ? { name: role, password: PASSWORD } : undefined)
  await run(server.url("postgres"), `create database ${DATABASE}`)
  await migrateAll(databaseUrl(), undefined, EXAMPLES)
  for (const { role } of withExamples(gatepost, EXAMPLES).programs) {
    await run(server.url("postgres"), `alter role ${role} login password '${PASSWORD}'`)
  }

  return {
    databaseUrl,
    redisUrl: redis?.url,
    query: (statement, values) => run(databaseUrl(), statement, values),
    async crashPostgres(pauseMs) {
      await server.stop("immediate")
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      await startAgain()
    },
    stopPostgres: (mode) => server.stop(mode),
    startPostgres: startAgain,
    redis,
    async flushRedis() {
      await redis?.run((client) => client.flushall())
    },
    async close() {
      await server.stop("immediate")
      await redis?.stop()
      if (!options.dir) rmSync(dir, { recursive: true, force: true })
    },
  }
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
