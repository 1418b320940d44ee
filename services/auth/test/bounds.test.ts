import { describeBounds, testDatabase } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { settings } from "./support/setup.js"

describeBounds("auth", async () => {
  const db = await testDatabase()
  await db.query(
    `insert into auth.audit_seals (number, first_id, last_id, events, hash, sealed_at)
     select n, n, n, 1, '', now() - interval '500 days' from generate_series(1, 3) n`,
  )
  const parts = await wire(readConfig(settings(db)))
  return {
    db,
    service: parts.database,
    sweeps: parts.housekeeping.sweeps,
    async stop() {
      await parts.close()
      await db.drop()
    },
  }
})
