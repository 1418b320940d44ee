import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import type { TestDatabase } from "@gatepost/testkit"
import { createKeyRotation, type KeyRotation } from "#src/modules/signing-keys/index.js"
import { SECRETS } from "../../support/setup.js"

// No setting allows such small keys; but they are made in a moment, and nothing is signed with them.
const SMALL = 1024
const POLICY = { rotationDays: 90, publishSeconds: 3_600, retireSeconds: 86_400 }

export type OpenRotation = KeyRotation & { close(): Promise<void> }

/** What changes the keys, on a connection of its own: as in one more process. */
export function openRotation(db: TestDatabase, modulusBits = SMALL): OpenRotation {
  const database = openDatabase({
    url: db.urlOf("gatepost_auth"),
    applicationName: "rotation",
    poolSize: 1,
  })
  const sealer = createSealer(SECRETS.KEY_ENCRYPTION_SECRET, "signing keys")
  return {
    ...createKeyRotation({ database, sealer, policy: { ...POLICY, modulusBits } }),
    close: database.close,
  }
}
