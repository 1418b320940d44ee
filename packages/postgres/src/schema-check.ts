import type { Database } from "./database.js"
import { migrationNames, type Schema } from "./migrate.js"

const TIMEOUT_MS = 1_000

/**
 * A check for `/readyz` (SECURITY.md R2): every step of a schema is done that this version knows. There may be more: a
 * newer version's are no concern of an older one's. Once they are done, nobody is asked any more.
 */
export function schemaCheck(
  { db }: Pick<Database, "db">,
  { schema, directory }: Schema,
): () => Promise<void> {
  const known = migrationNames(directory)
  let isDone = false
  return async () => {
    if (isDone) return
    const done = new Set(await db(`${schema}.schema_migrations`).timeout(TIMEOUT_MS).pluck("name"))
    const missing = known.filter((name) => !done.has(name))
    if (missing.length > 0) throw new Error(`the schema ${schema} lacks ${missing.join(", ")}`)
    isDone = true
  }
}
