import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { migrateAll, startPostgres } from "@gatepost/local"
import pg from "pg"

/** PostgreSQL of this run alone; it syncs every commit to the disk, as it would in production. */
export interface BenchPostgres {
  /** The connection URL of a new and empty database, as the owner of everything. */
  createDatabase(name: string): Promise<string>
  /** One with our schemas in it; `urlOf` gives the URL of a service's role, without DDL. */
  createOurDatabase(name: string): Promise<OurDatabase>
  version: string
  /** Of the process that all of its others come from. */
  pid: number
  stop(): Promise<void>
}

export interface OurDatabase {
  url: string
  urlOf(role: Role): string
}

const roles = ["gatepost_auth", "gatepost_mail", "gatepost_notifications"] as const
type Role = (typeof roles)[number]

const ROLE_PASSWORD = "a-password-of-the-bench"
// Durable in full, and no checkpoint in the midst of a slot.
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "128MB",
  max_connections: "200",
  max_wal_size: "4GB",
  checkpoint_timeout: "1h",
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-bench-"))
  chmodSync(dir, 0o711)
  const server = await startPostgres({ dir, settings: SETTINGS })
  const maintenance = server.url("postgres")
  const createDatabase = async (name: string) => {
    await query(maintenance, `create database ${name}`)
    return server.url(name)
  }

  return {
    createDatabase,
    async createOurDatabase(name) {
      const url = await createDatabase(name)
      await migrateAll(url)
      for (const role of roles)
        await query(maintenance, `alter role ${role} login password '${ROLE_PASSWORD}'`)
      return { url, urlOf: (role) => server.url(name, { name: role, password: ROLE_PASSWORD }) }
    },
    version: await versionOf(maintenance),
    pid: Number.parseInt(readFileSync(path.join(dir, "data", "postmaster.pid"), "utf8"), 10),
    async stop() {
      await server.stop("immediate")
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function versionOf(url: string): Promise<string> {
  const [row] = await query(url, "select current_setting('server_version') as version")
  return String(row?.version)
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
