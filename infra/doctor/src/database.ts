import pg from "pg"
import type { Variables } from "./environment.js"

const CONNECT_TIMEOUT_MS = 5_000

/** Runs one statement on a connection of its own. @param setting whose URL: a role without DDL, or the owner */
export async function ask<Row>(
  env: Variables,
  statement: string,
  setting: "DATABASE_URL" | "MIGRATION_DATABASE_URL" = "DATABASE_URL",
): Promise<Row[]> {
  const client = new pg.Client({
    connectionString: env[setting] ?? env.DATABASE_URL,
    application_name: "gatepost doctor",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  })
  client.on("error", () => {})
  await client.connect()
  try {
    return (await client.query(statement)).rows as Row[]
  } finally {
    await client.end()
  }
}
