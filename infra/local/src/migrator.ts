// The migrations as a process of their own, so that their libraries leave the memory when all is done.
import { migrateAll } from "./migrations.js"
import type { MigrationOrder } from "./programs.js"

process.on("SIGINT", () => {})
process.once("message", ({ url, redisUrl, examples }: MigrationOrder) => {
  migrateAll(url, redisUrl, examples).then(
    () => process.exit(0),
    (cause: unknown) => {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`)
      process.exit(1)
    },
  )
})
