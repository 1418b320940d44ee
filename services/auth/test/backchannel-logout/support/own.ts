import { createEgress, type EgressOptions } from "@gatepost/egress"
import { openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer } from "@gatepost/runtime"
import type { TestDatabase } from "@gatepost/testkit"
import { Registry } from "prom-client"
import { loadApps } from "#src/modules/apps/index.js"
import { openBackchannelLogout } from "#src/modules/backchannel-logout/index.js"
import { openSigningKeys } from "#src/modules/signing-keys/index.js"
import { writeApps } from "../../oidc/support/apps.js"
import { PUBLIC_URL, SECRETS } from "../../support/setup.js"

/** What tells the app `web` of logouts, without a service around it. */
export async function openOwn(db: TestDatabase, uri: string, options: EgressOptions) {
  const databaseUrl = db.urlOf("gatepost_auth")
  const database = openDatabase({ url: databaseUrl, applicationName: "told", poolSize: 2 })
  const logger = createLogger("test", "silent")
  const egress = createEgress(options)
  const { file, remove } = await writeApps({ web: { backchannel_logout_uri: uri } })
  const apps = loadApps({ file, defaultApp: "web", publicUrl: PUBLIC_URL, egress })
  const sealer = createSealer(SECRETS.KEY_ENCRYPTION_SECRET, "signing keys")
  const policy = { modulusBits: 2048, rotationDays: 0, publishSeconds: 360, retireSeconds: 3_960 }
  const keys = await openSigningKeys({ database, databaseUrl, sealer, policy, logger })
  const metrics = { registry: new Registry() }
  const issuer = `${PUBLIC_URL}/oidc`
  const logouts = await openBackchannelLogout({
    database,
    databaseUrl,
    apps,
    egress,
    keys,
    issuer,
    metrics,
    logger,
  })

  return {
    sweep: logouts.sweep,
    async close() {
      await logouts.stop()
      await keys.stop()
      await database.close()
      await remove()
    },
  }
}
