import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { migrateAll, startPostgres } from "@gatepost/local"
import pg from "pg"

// What a test database may lose in a crash is worth nothing; not waiting for the disk is.
const FAST = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "300" }
const SERVICE_ROLES = ["gatepost_auth", "gatepost_notifications", "gatepost_mail", "gatepost_social_battery"]
const EXAMPLES = ["social-battery"]
const SERVICE_PASSWORD = "a-test-password"

/** A PostgreSQL server for this test run, with a migrated template that databases are cloned from. */
export interface Cluster {
  /** A URL as the owner of everything, or as a service's role. */
  url(database: string, role?: string): string
  /** Runs one statement as the owner, outside any transaction. */
  run(statement: string): Promise<void>
}

interface Started {
  cluster: Cluster
  stop(): Promise<void>
}

export const templateName = `template_${randomBytes(4).toString("hex")}`

let started: Promise<Started> | undefined

export async function testCluster(): Promise<Cluster> {
  started ??= start()
  return (await started).cluster
}

/** Ends what was started, if a test asked for it, and leaves nothing behind. */
export async function stopCluster(): Promise<void> {
  if (started) await (await started).stop()
}

/** TEST_DATABASE_URL names a server to use instead: a superuser's URL, on a server for tests alone. */
async function start(): Promise<Started> {
  const given = process.env.TEST_DATABASE_URL
  const { url, stop } = given ? givenServer(given) : await ownServer()
  const cluster: Cluster = { url, run: (statement) => runAsOwner(url("postgres"), statement) }
  await cluster.run(`create database ${templateName}`)
  await migrateAll(url(templateName), undefined, EXAMPLES)
  for (const role of SERVICE_ROLES) {
    await cluster.run(`alter role ${role} login password '${SERVICE_PASSWORD}'`)
  }
  return { cluster, stop: () => stop(cluster) }
}

async function ownServer() {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-test-"))
  const server = await startPostgres({ dir, settings: FAST })
  return {
    url: (database: string, role?: string) =>
      server.url(database, role ? { name: role, password: SERVICE_PASSWORD } : undefined),
    async stop() {
      await server.stop("immediate")
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function givenServer(given: string) {
  return {
    url(database: string, role?: string) {
      const url = new URL(given)
      url.pathname = `/${database}`
      if (role) Object.assign(url, { username: role, password: SERVICE_PASSWORD })
      return url.href
    },
    stop: (cluster: Cluster) => cluster.run(`drop database ${templateName}`),
  }
}

async function runAsOwner(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
