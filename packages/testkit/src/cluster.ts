import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type LocalPostgres, migrateAll, startPostgres } from "@gatepost/local"
import pg from "pg"

// What a test database may lose in a crash is worth nothing; not waiting for the disk is.
const FAST = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "300" }
const TEMPLATE = "template_gatepost"
const SERVICE_ROLES = ["gatepost_auth", "gatepost_notifications", "gatepost_mail"]
const SERVICE_PASSWORD = "a-test-password"

/** A PostgreSQL server of this test run alone, with a migrated template that databases are cloned from. */
export interface Cluster {
  /** A URL as the owner of everything, or as a service's role. */
  url(database: string, role?: string): string
  /** Runs one statement as the owner, outside any transaction. */
  run(statement: string): Promise<void>
}

let started: Promise<{ cluster: Cluster; server: LocalPostgres; dir: string }> | undefined

export async function testCluster(): Promise<Cluster> {
  started ??= start()
  return (await started).cluster
}

/** Stops the server, if a test asked for one, and deletes it. */
export async function stopCluster(): Promise<void> {
  if (!started) return
  const { server, dir } = await started
  await server.stop("immediate")
  rmSync(dir, { recursive: true, force: true })
}

export const templateName = TEMPLATE

async function start() {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-test-"))
  const server = await startPostgres({ dir, settings: FAST })
  const cluster: Cluster = {
    url: (database, role) =>
      role ? server.url(database, { name: role, password: SERVICE_PASSWORD }) : server.url(database),
    run: (statement) => runAsOwner(server.url("postgres"), statement),
  }
  await cluster.run(`create database ${TEMPLATE}`)
  await migrateAll(server.url(TEMPLATE))
  for (const role of SERVICE_ROLES)
    await cluster.run(`alter role ${role} login password '${SERVICE_PASSWORD}'`)
  return { cluster, server, dir }
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
