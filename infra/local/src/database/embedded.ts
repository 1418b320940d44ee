import { Client } from "pg"
import type { DataDir } from "../data-dir.js"
import { type LocalPostgres, type PostgresLogin, startPostgres } from "../postgres/launcher.js"
import type { ServiceDatabase } from "./database.js"

const DATABASE = "gatepost"
const NO_SUCH_DATABASE = "3D000"

/** Starts the built-in server, and lets each role in with a password of its own (DESIGN.md D16). */
export async function openEmbeddedDatabase(dataDir: DataDir, roles: string[]): Promise<ServiceDatabase> {
  const server = await startPostgres({ dir: dataDir.postgres })
  const logins = roles.map((name) => ({ name, password: dataDir.rolePassword(name) }))
  try {
    await letIn(server, logins)
  } catch (cause) {
    if (!server.reused) await server.stop("fast")
    throw cause
  }

  return {
    builtIn: true,
    migrationUrl: server.url(DATABASE),
    urlOf: (role) =>
      server.url(
        DATABASE,
        logins.find(({ name }) => name === role),
      ),
    description: `built-in PostgreSQL, port ${server.port}`,
    stop: server.stop,
  }
}

async function letIn(server: LocalPostgres, logins: PostgresLogin[]): Promise<void> {
  const client = await connect(server)
  try {
    for (const login of logins) await ensureLogin(client, login)
  } finally {
    await client.end()
  }
}

async function connect(server: LocalPostgres): Promise<Client> {
  const client = new Client(server.url(DATABASE))
  try {
    await client.connect()
    return client
  } catch (cause) {
    if ((cause as { code?: string }).code !== NO_SUCH_DATABASE) throw cause
  }
  const maintenance = new Client(server.url("postgres"))
  await maintenance.connect()
  await maintenance.query(`create database ${DATABASE}`)
  await maintenance.end()
  return connect(server)
}

/** The password is set each time: the file it is kept in may have been made anew. */
async function ensureLogin(client: Client, { name, password }: PostgresLogin): Promise<void> {
  const role = client.escapeIdentifier(name)
  const found = await client.query("select from pg_roles where rolname = $1", [name])
  if (found.rowCount === 0) await client.query(`create role ${role}`)
  await client.query(`alter role ${role} with login password ${client.escapeLiteral(password)}`)
}
