// `npm run db:migrate` for a container or a release job: no more settings than it needs, and no built-in database.
import { migrateAll } from "../local/dist/migrations.js"

const url = process.env.MIGRATION_DATABASE_URL || process.env.DATABASE_URL
if (!url) {
  console.error("MIGRATION_DATABASE_URL is needed: PostgreSQL 15 to 18, as the owner of the schemas")
  process.exit(1)
}
try {
  const examples = (process.env.EXAMPLES ?? "").split(",")
  const applied = await migrateAll(url, process.env.REDIS_URL || undefined, examples)
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "The database is up to date.")
} catch (cause) {
  console.error(`The migrations failed: ${cause.message || cause.code}`)
  process.exitCode = 1
}
