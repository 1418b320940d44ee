import { openDatabase } from "@gatepost/postgres"
import { describeBounds, testDatabase } from "@gatepost/testkit"
import * as statements from "#src/sweeper-statements.js"

const FORGETTING = { retentionDays: 30, batch: 1_000 }

describeBounds("mail", async () => {
  const db = await testDatabase()
  const service = openDatabase({ url: db.urlOf("gatepost_mail"), applicationName: "bounds", poolSize: 1 })
  return {
    db,
    service,
    sweeps: {
      async sweeper() {
        await service.db.raw(statements.FORGET, FORGETTING)
        await service.db.raw(statements.FORGET_SUPPRESSIONS, FORGETTING)
        await service.db.raw(statements.FORGET_SUPPRESSION_EVENTS, FORGETTING)
      },
    },
    async stop() {
      await service.close()
      await db.drop()
    },
  }
})
