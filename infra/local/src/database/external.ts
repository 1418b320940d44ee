import { Client } from "pg"
import type { Settings } from "../settings.js"
import { StartError } from "../start-error.js"
import type { ServiceDatabase } from "./database.js"

const CONNECT_TIMEOUT_MS = 5_000
const OLDEST_VERSION = 15

/**
 * Joins the server that `DATABASE_URL` names.
 *
 * @throws StartError naming the setting when it can't be used
 */
export async function openExternalDatabase(
  settings: Settings & { DATABASE_URL: string },
): Promise<ServiceDatabase> {
  const url = settings.DATABASE_URL
  await assertUsable("DATABASE_URL", url)
  if (settings.MIGRATION_DATABASE_URL)
    await assertUsable("MIGRATION_DATABASE_URL", settings.MIGRATION_DATABASE_URL)
  return {
    builtIn: false,
    migrationUrl: settings.MIGRATION_DATABASE_URL ?? url,
    urlOf: () => url,
    description: `DATABASE_URL (${new URL(url).host})`,
    stop: async () => {},
  }
}

/** @throws StartError saying why the server can't be used; never with the password in it */
export async function assertUsable(setting: string, url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query("select current_setting('server_version_num')::int / 10000 as major")
    if (rows[0].major < OLDEST_VERSION)
      throw new StartError(
        `${setting} leads to PostgreSQL ${rows[0].major}: version ${OLDEST_VERSION} or newer is needed`,
      )
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${setting}: no usable PostgreSQL at ${new URL(url).host} (${reasonOf(cause)})`, {
      cause,
    })
  } finally {
    await client.end()
  }
}

/** Node puts what failed for each address of a name into `errors`, and leaves the message empty. */
function reasonOf(cause: unknown): string {
  const { message, code, errors } = cause as Error & { code?: string; errors?: Error[] }
  return message || errors?.[0]?.message || code || "unknown"
}
