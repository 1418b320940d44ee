import { describeBounds, testDatabase } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { insertOldEvents } from "./support/old-events.js"
import { settings } from "./support/setup.js"

describeBounds("auth", async () => {
  const db = await testDatabase()
  const parts = await wire(readConfig(settings(db)))
  for (let index = 0; index < 3; index++) {
    await insertOldEvents(db)
    await parts.auditSealer.seal()
  }
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
