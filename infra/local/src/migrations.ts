import path from "node:path"
import { migrateMailQueue } from "@gatepost/mail-queue"
import { migrate } from "@gatepost/postgres"
import { CLONE } from "./clone.js"

/** The services that own a schema: its migrations, and the role without DDL that the service runs as. */
const owners = [
  { schema: "auth", service: "auth", role: "gatepost_auth" },
  { schema: "notifications", service: "notifications", role: "gatepost_notifications" },
]
const exampleOwners = [
  { schema: "social_battery", service: "social-battery", role: "gatepost_social_battery" },
]

// The Docker image takes this file and clone.ts alone of this workspace: import nothing else of it here.

/**
 * Brings every schema to its newest version. Safe to call at once from several processes; a few
 * milliseconds when there is nothing to do.
 *
 * @param url the database, as the owner of the schemas
 * @param examples the services among the examples whose schemas are wanted too
 * @returns the names of what was applied now, as `schema/name`
 */
export async function migrateAll(
  url: string,
  redisUrl?: string,
  examples: readonly string[] = [],
): Promise<string[]> {
  const wanted = exampleOwners.filter(({ service }) => examples.includes(service))
  const done = await Promise.all(
    [...owners, ...wanted].map(async ({ schema, service, role }) => {
      const directory = path.join(CLONE, "services", service, "migrations")
      const { applied } = await migrate({ url, schema, directory, role })
      return applied.map((name) => `${schema}/${name}`)
    }),
  )
  // After the others: it lets their roles write mails.
  const { applied } = await migrateMailQueue({ url, redisUrl })
  return [...done.flat(), ...applied.map((name) => `mail/${name}`)]
}
