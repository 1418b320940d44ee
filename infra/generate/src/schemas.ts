import { stopCluster, testDatabase } from "@gatepost/testkit"
import type { Pages } from "./pages.js"
import { printSchema } from "./print-schema.js"

const owners = {
  auth: "services/auth",
  notifications: "services/notifications",
  mail: "packages/mail-queue",
  social_battery: "services/social-battery",
}

/** Each owner's schema as all its migrations leave it, on one page. */
export async function schemaPages(): Promise<Pages> {
  const database = await testDatabase()
  try {
    const pages: Pages = {}
    for (const [schema, owner] of Object.entries(owners)) {
      pages[`${owner}/schema.sql`] = await printSchema(database, schema)
    }
    return pages
  } finally {
    await database.drop()
    await stopCluster()
  }
}
