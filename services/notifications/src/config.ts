import { createECDH } from "node:crypto"
import {
  databaseSettings,
  httpSettings,
  loadConfig,
  logSettings,
  setting,
  tracingSettings,
} from "@gatepost/runtime"
import { z } from "zod"

/** Every setting of the notifications API; the generated `docs/configuration.md` is made from this. */
export const Config = z.object({
  ...httpSettings,
  ...databaseSettings,
  ...logSettings,
  ...tracingSettings,
  PORT: setting.port().default(8002).meta({ description: "Port of this service" }),
  PUBLIC_URL: setting.origin().meta({
    description: "The origin clients see; tokens must come from `$PUBLIC_URL/oidc`",
    example: "http://localhost:8000",
  }),
  JWKS_URL: setting.url("http", "https").optional().meta({
    description: "Where the auth service's keys are fetched; `$PUBLIC_URL/.well-known/jwks.json` if unset",
  }),
  API_AUDIENCE: z
    .string()
    .optional()
    .meta({ description: "`aud` that tokens must have; PUBLIC_URL if unset" }),
  CORS_ORIGINS: setting
    .list()
    .default([])
    .meta({ description: "Origins of browsers' calls, by commas or as JSON" }),
  IDEMPOTENCY_SECRET: setting
    .secret()
    .meta({ description: "Seals answers kept for retries, and the cursors of lists" }),
  MAIL_ENCRYPTION_SECRET: setting.secret().optional().meta({
    description: "Seals mails on their way; the worker has the same. Without it nothing is mailed",
  }),
  MAILS_PER_HOUR: setting.integer(0, 1_000).default(10).meta({
    description: "Notifications mailed at once to one person; what is beyond waits for the digest",
  }),
  PUSHES_PER_HOUR: setting.integer(0, 1_000).default(30).meta({
    description: "Notifications pushed to one person; what is beyond stays in the inbox alone",
  }),
  NOTIFICATION_RETENTION_DAYS: setting.integer(1, 3_650).default(365).meta({
    description: "Days after which a notification that has no end of its own leaves the inbox",
  }),
  VAPID_PRIVATE_KEY: setting.secret().optional().meta({
    description: "Web Push's key: 32 random bytes in base64url (RFC 8292). Without it there is no Web Push",
  }),
  VAPID_SUBJECT: z
    .string()
    .regex(/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/, "must start with mailto: or https://")
    .optional()
    .meta({
      description: "Whom a push service may complain to, as `mailto:ops@example.com`; PUBLIC_URL if unset",
    }),
  FCM_SERVICE_ACCOUNT_FILE: z.string().optional().meta({
    description: "Key of a Google service account, as JSON. Without it there are no pushes by FCM",
  }),
  FCM_URL: setting.url("https", "http").default("https://fcm.googleapis.com").meta({
    description: "Where FCM is; another one is for tests, and refused in production",
  }),
  EGRESS_ALLOW: z.enum(["loopback"], { error: "must be loopback, or unset" }).optional().meta({
    description: "`loopback` lets Web Push reach this machine, by http as well; refused in production",
  }),
  REVOCATION_CLIENT_ID: z.string().default("backend").meta({
    description: "The client that follows which sessions were revoked; needs the scope `revocations:read`",
  }),
  SERVICE_CLIENT_SECRET: setting.secret().optional().meta({
    description: "Secret of that client; without it, access tokens live until they expire",
  }),
  RATE_LIMITS: setting.flag().default(true).meta({
    description: "`off` lifts limits, for benchmarks and tests; refused in production",
  }),
  MAX_STALENESS: setting.seconds(10, 3_600).default(30).meta({
    description: "Seconds without word of revocations after which WHEN_STALE decides",
  }),
  DEMO: setting.flag().default(false).meta({
    description:
      "Serves the page `/demo/inbox`, to try the inbox on one's own machine; `npm start` turns it on, production refuses it",
  }),
  WHEN_STALE: z.enum(["open", "closed"], { error: "must be open or closed" }).default("open").meta({
    description: "`open` goes on with an alarm in the log, `closed` answers 503",
  }),
})

export type Config = z.output<typeof Config>

const SoundConfig = Config.refine((config) => config.WHEN_STALE === "open" || config.SERVICE_CLIENT_SECRET, {
  path: ["WHEN_STALE"],
  error: "can't be closed without SERVICE_CLIENT_SECRET: there is nothing that could go stale",
}).refine(({ VAPID_PRIVATE_KEY: key }) => !key || isWebPushKey(key.reveal()), {
  path: ["VAPID_PRIVATE_KEY"],
  error: "must be a P-256 private key, 32 bytes in base64url",
})

/** @throws ConfigError naming every faulty setting */
export const readConfig = (env: Record<string, string | undefined>): Readonly<Config> =>
  loadConfig(SoundConfig, env, ({ PUBLIC_URL, EGRESS_ALLOW, FCM_URL, DEMO, RATE_LIMITS }) => [
    ...(PUBLIC_URL.startsWith("https://") ? [] : ["PUBLIC_URL must start with https:// in production"]),
    ...(EGRESS_ALLOW ? ["EGRESS_ALLOW must be unset in production"] : []),
    ...(RATE_LIMITS ? [] : ["RATE_LIMITS can't be off in production"]),
    ...(DEMO ? ["DEMO must be off in production"] : []),
    ...(FCM_URL.startsWith("https://") ? [] : ["FCM_URL must start with https:// in production"]),
  ])

/** Zero, and what is not below the curve's order, are no keys. */
function isWebPushKey(text: string): boolean {
  try {
    createECDH("prime256v1").setPrivateKey(text, "base64url")
    return /^[A-Za-z0-9_-]{43}$/.test(text)
  } catch {
    return false
  }
}
