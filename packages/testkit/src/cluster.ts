import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { migrateAll, startPostgres } from "@gatepost/local"
import pg from "pg"

// What a test database may lose in a crash is worth nothing; not waiting for the disk is.
const FAST = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "600" }
const SERVICE_ROLES = ["gatepost_auth", "gatepost_notifications", "gatepost_mail", "gatepost_social_battery"]
const EXAMPLES = ["social-battery"]
const SERVICE_PASSWORD = "a-test-password"

/** A PostgreSQL server for this test run, with a migrated template that databases are cloned from. */
export interface Cluster {
  /** A URL as the owner of everything, or as a service's role. */
  url(database: string, role?: string): string
  /** Runs one statement as the owner, outside any transaction. */
  run(statement: string): Promise<void>
  templateName: string
}

// Names the cluster's template to the processes that run test files side by side.
const SHARED = "GATEPOST_TEST_TEMPLATE_URL"

let started: Promise<{ stop(): Promise<void> }> | undefined

/** The one of this run; started now, where nobody did so before. */
export async function testCluster(): Promise<Cluster> {
  if (!process.env[SHARED]) {
    started ??= start()
    await started
  }
  return clusterOf(process.env[SHARED] ?? "")
}

/** Ends what this process started, and leaves nothing behind. */
export async function stopCluster(): Promise<void> {
  if (started) await (await started).stop()
}

/** TEST_DATABASE_URL names a server to use instead: a superuser's URL, on a server for tests alone. */
async function start() {
  const given = process.env.TEST_DATABASE_URL
  const server = given ? undefined : await ownServer()
  const url = new URL(given ?? server?.url ?? "")
  url.pathname = `/template_${randomBytes(4).toString("hex")}`
  const cluster = clusterOf(url.href)
  await cluster.run(`create database ${cluster.templateName}`)
  await migrateAll(url.href, undefined, EXAMPLES)
  for (const role of SERVICE_ROLES) {
    await cluster.run(`alter role ${role} login password '${SERVICE_PASSWORD}'`)
  }
  process.env[SHARED] = url.href
  return { stop: server?.stop ?? (() => cluster.run(`drop database ${cluster.templateName}`)) }
}

async function ownServer() {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-test-"))
  const server = await startPostgres({ dir, settings: FAST })
  return {
    url: server.url("postgres"),
    async stop() {
      await server.stop("immediate")
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function clusterOf(templateUrl: string): Cluster {
  const url = (database: string, role?: string) => {
    const other = new URL(templateUrl)
    other.pathname = `/${database}`
    if (role) Object.assign(other, { username: role, password: SERVICE_PASSWORD })
    return other.href
  }
  return {
    url,
    run: (statement) => runAsOwner(url("postgres"), statement),
    templateName: new URL(templateUrl).pathname.slice(1),
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
