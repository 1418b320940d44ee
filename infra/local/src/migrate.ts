// `npm run db:migrate`: on MIGRATION_DATABASE_URL, else DATABASE_URL, else the built-in database.
import { ConfigError } from "@gatepost/runtime"
import { tryLock } from "../process-lock.mjs"
import { CLONE } from "./clone.js"
import { openDataDir } from "./data-dir.js"
import { openEmbeddedDatabase } from "./database/embedded.js"
import { assertUsable } from "./database/external.js"
import { migrateAll } from "./migrations.js"
import { gatepost, withExamples } from "./programs.js"
import { examplesOf, loadSettings, type Settings } from "./settings.js"
import { StartError } from "./start-error.js"

try {
  const settings = loadSettings(process.env)
  const name = settings.MIGRATION_DATABASE_URL ? "MIGRATION_DATABASE_URL" : "DATABASE_URL"
  const url = settings[name]
  if (url) await assertUsable(name, url)
  const applied = url ? await migrate(url, settings) : await migrateEmbedded(settings)
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "The database is up to date.")
} catch (cause) {
  const known = cause instanceof StartError || cause instanceof ConfigError
  console.error(known ? cause.message : cause)
  process.exitCode = 1
}

function migrate(url: string, settings: Settings): Promise<string[]> {
  return migrateAll(url, settings.REDIS_URL, examplesOf(settings))
}

async function migrateEmbedded(settings: Settings): Promise<string[]> {
  const dataDir = openDataDir(settings, CLONE)
  // Whoever holds this lock runs the database, and ends it when done.
  const { lock } = tryLock(dataDir.lock)
  try {
    const { programs } = withExamples(gatepost, examplesOf(settings))
    const roles = programs.map(({ role }) => role)
    const database = await openEmbeddedDatabase(dataDir, roles)
    try {
      return await migrate(database.migrationUrl, settings)
    } finally {
      if (lock) await database.stop("fast")
    }
  } finally {
    lock?.release()
  }
}
