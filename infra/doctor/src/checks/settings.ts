import { readConfig as readAuthConfig } from "@gatepost/auth/config"
import { readConfig as readMailConfig } from "@gatepost/mail-worker/config"
import { readConfig as readNotificationsConfig } from "@gatepost/notifications/config"
import { ConfigError } from "@gatepost/runtime"
import type { Check, Finding } from "../patient.js"
import { fail, ok } from "../verdict.js"

const READERS = {
  auth: readAuthConfig,
  notifications: readNotificationsConfig,
  "mail-worker": readMailConfig,
}

// Where `npm start` sends its mails only it knows; what matters here is that there is an address.
const DEV_INBOX = "smtp://127.0.0.1:1025"

/** Every service would start with these settings: its own reading of them. */
export const settings: Check = {
  name: "settings",
  async run({ env, isLocal }) {
    const given = { ...env, SMTP_URL: env.SMTP_URL ?? (isLocal ? DEV_INBOX : undefined) }
    return Object.entries(READERS).map(([of, read]): Finding => {
      try {
        read(given)
        return { of, verdict: ok("as they should be") }
      } catch (cause) {
        if (!(cause instanceof ConfigError)) throw cause
        const faults = cause.message.split("\n").join("; ")
        return { of, verdict: fail(faults, "docs/configuration.md says what each setting takes") }
      }
    })
  },
}
