import { encryptionOf, keyPolicyOf, readKeysConfig } from "@gatepost/auth/config"
import { createKeyring } from "@gatepost/auth/modules/signing-keys/keyring"
import { signingAt, waitingAt } from "@gatepost/auth/modules/signing-keys/schedule"
import { signingKeysRepository } from "@gatepost/auth/modules/signing-keys/signing-keys.repository"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, warn } from "../verdict.js"

const DAY_MS = 86_400_000

/** There is a key that signs, this installation's secret opens it, and the next one comes in time. */
export const signingKeys: Check = {
  name: "signing keys",
  async run({ env }) {
    const config = readKeysConfig(env)
    const database = openDatabase({
      url: config.DATABASE_URL,
      applicationName: "gatepost doctor",
      poolSize: 1,
      prepared: config.DB_PREPARED,
    })
    try {
      const records = await signingKeysRepository(database.db).listPublished()
      const at = records[0]?.readAt.getTime() ?? 0
      const { encryptionSecret, previousSecrets } = encryptionOf(config)
      createKeyring(createSealer(encryptionSecret, "signing keys", previousSecrets)).open(records)
      const signing = signingAt(records, at)
      if (!signing) return fail("no key signs", "start the auth service, which makes the first one")
      const days = keyPolicyOf(config).rotationDays
      const next =
        waitingAt(records, at)?.activatesAt ??
        (days > 0 ? new Date(signing.activatesAt.getTime() + days * DAY_MS) : undefined)
      const found = `${records.length} published, ${signing.kid.slice(0, 8)}… signs`
      if (!next) return ok(`${found} until somebody rotates`)
      const text = `${found} until ${next.toISOString().slice(0, 16)}Z`
      if (next.getTime() < at) return warn(text, "no auth service runs that would rotate it: start one")
      return ok(text)
    } catch (cause) {
      return fail(reasonOf(cause), "docs/operations/keys.md; after a restore take the secrets of that backup")
    } finally {
      await database.close()
    }
  },
}
