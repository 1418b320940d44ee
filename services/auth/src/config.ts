import path from "node:path"
import { fileURLToPath } from "node:url"
import {
  databaseSettings,
  httpSettings,
  loadConfig,
  logSettings,
  type Secret,
  setting,
  tracingSettings,
} from "@gatepost/runtime"
import { z } from "zod"
import { socialProviders } from "./modules/social-providers/index.js"

const EXAMPLE_APPS = path.join(path.dirname(fileURLToPath(import.meta.url)), "../apps.example.json")

/** Every setting of the auth service; the generated `docs/configuration.md` is made from this. */
export const Config = z.object({
  ...httpSettings,
  ...databaseSettings,
  ...logSettings,
  ...tracingSettings,
  PORT: setting.port().default(8001).meta({ description: "Port of this service" }),
  PUBLIC_URL: setting.origin().meta({
    description: "The origin clients see. Issuer is `$PUBLIC_URL/oidc`; every absolute URL comes from it",
    example: "http://localhost:8000",
  }),
  JWKS_URL: setting.url("http", "https").optional().meta({
    description: "Where other services reach this one if not at PUBLIC_URL: its host is answered as well",
  }),
  NOTIFICATIONS_URL: setting.url("http", "https").optional().meta({
    description: "Where the notifications API is told of people and security events; nobody is told if unset",
  }),
  AUTH_ADMIN_PORT: setting.port().optional().meta({
    description: "Port of the admin API; none if unset. `npm start` chooses a free one, and keeps it",
  }),
  AUTH_ADMIN_HOST: z.string().default("127.0.0.1").meta({
    description: "Address that AUTH_ADMIN_PORT listens on; never one of the public",
  }),
  AUTH_ADMIN_ORIGINS: setting.list().default([]).meta({
    description: "Origins of browsers' calls to the admin API, by commas or as JSON",
  }),
  ADMIN_EMAIL: setting.email().optional().meta({
    description:
      "Address of the first admin, who gets a link: printed by `npm start`, or by `npm run admin -- invite`",
  }),
  REDIS_URL: setting.redis().optional().meta({
    description: "Where rate limits count; in PostgreSQL if unset",
  }),
  APPS_FILE: z.string().default(EXAMPLE_APPS).meta({
    description: "JSON list of the apps: OAuth clients with names, links, senders and colours",
    example: "services/auth/apps.example.json",
  }),
  SOCIAL_PROVIDERS: socialProviders().optional().meta({
    description:
      "JSON list of the providers people may sign in with (Google, Apple, GitHub, any by OpenID Connect), or the path of a file with it: `docs/operations/social-sign-in.md`",
  }),
  DEFAULT_APP: z.string().default("jobswipe").meta({ description: "The app of a call that names none" }),
  API_AUDIENCE: z.string().optional().meta({
    description: "`aud` of first-party access tokens; PUBLIC_URL if unset",
  }),
  ACCESS_TOKEN_TTL: setting.seconds(1, 3600).default(1800).meta({ description: "Seconds" }),
  REFRESH_TOKEN_TTL: setting
    .seconds(1, 31_536_000)
    .default(604_800)
    .meta({ description: "Seconds, sliding" }),
  SESSION_ABSOLUTE_TTL: setting.seconds(1, 31_536_000).default(7_776_000).meta({
    description: "Seconds after which a session ends however often it was refreshed",
  }),
  REFRESH_RETRY_WINDOW: setting.seconds(0, 300).default(60).meta({
    description: "Seconds in which a refresh may be retried with the same token, until its successor is used",
  }),
  VERIFY_TOKEN_TTL: setting.seconds(60, 604_800).default(86_400).meta({ description: "Seconds" }),
  RESET_TOKEN_TTL: setting.seconds(60, 86_400).default(3_600).meta({ description: "Seconds" }),
  // At most 600: SECURITY.md section 2.
  OTP_TTL: setting.seconds(60, 600).default(600).meta({ description: "Seconds that a code in a mail lives" }),
  ACCOUNT_DELETION_DELAY: setting.seconds(0, 2_592_000).default(0).meta({
    description: "Seconds in which a mail's link keeps an account that is to be deleted; 0: it goes at once",
  }),
  AUDIT_RETENTION_DAYS: setting.integer(90, 3_650).default(400).meta({
    description: "Days that audit events are kept; the oldest go first, and the chain of the others holds",
  }),
  PASSKEY_RP_ID: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, "must be a domain")
    .optional()
    .meta({
      description:
        "The domain that passkeys are for: PUBLIC_URL's host or one above it, as `example.com` of `auth.example.com`; its host if unset. A change makes all passkeys useless",
    }),
  PASSWORD_MIN_LENGTH: setting.integer(8, 64).default(8).meta({ description: "Characters" }),
  BREACHED_PASSWORDS_URL: setting.url("http", "https").optional().meta({
    description:
      "Asked by k-anonymity whether a new password was in a breach, if set, as to `https://api.pwnedpasswords.com/range/`; it may be away",
  }),
  ARGON2_MEMORY_KIB: setting.integer(1_024, 1_048_576).default(19_456).meta({
    description: "Memory of one password hash; production refuses less than the default",
  }),
  ARGON2_PASSES: setting.integer(1, 20).default(2).meta({ description: "Passes of one password hash" }),
  CORS_ORIGINS: setting.list().optional().meta({
    description: "Origins of browsers' calls, by commas or as JSON; those of the apps if unset",
  }),
  EGRESS_ALLOW: z.enum(["loopback"], { error: "must be loopback, or unset" }).optional().meta({
    description:
      "`loopback` lets back-channel logout and social sign-in reach this machine, by http as well; refused in production",
  }),
  RATE_LIMITS: setting.flag().default(true).meta({
    description: "`off` lifts limits and mail cool-downs, for benchmarks and tests; refused in production",
  }),
  MAILS_PER_MINUTE: setting.integer(1, 100_000).default(100).meta({
    description:
      "Mails that anybody can ask for (links and codes) that one process sends at once; what is beyond waits its turn",
  }),
  KEY_ENCRYPTION_SECRET: setting.secret().meta({
    description: "Seals signing keys, secrets of authenticator apps and webhooks, and tokens of providers",
  }),
  KEY_ENCRYPTION_SECRET_PREVIOUS: setting.secret().optional().meta({
    description:
      "The secret before, while there is something that it sealed; several with spaces between: `docs/operations/keys.md`",
  }),
  KEY_MODULUS_BITS: z
    .enum(["2048", "3072", "4096"], { error: "must be 2048, 3072 or 4096" })
    .default("2048")
    .transform(Number)
    .meta({ description: "Size of new signing keys: 2048, 3072 or 4096" }),
  KEY_ROTATION_DAYS: setting.integer(0, 3_650).default(90).meta({
    description: "Days that a signing key signs; 0: until `npm run keys -- rotate`",
  }),
  // From 360: the poll of a process that heard no NOTIFY, the max-age of the JWKS, a verifier's cool-down.
  KEY_PUBLISH_SECONDS: setting.seconds(360, 604_800).default(3_600).meta({
    description: "Seconds that a new signing key is published before it signs",
  }),
  // From 3960: the longest life of a token, the max-age of the JWKS, a minute of skew.
  KEY_RETIRE_SECONDS: setting.seconds(3_960, 604_800).default(86_400).meta({
    description: "Seconds that a signing key stays published after the next one began to sign",
  }),
  REFRESH_TOKEN_SECRET: setting.secret().meta({
    description: "Derives the successors of refresh tokens, and keys the hashes of codes in mails",
  }),
  MAIL_ENCRYPTION_SECRET: setting
    .secret()
    .meta({ description: "Seals mails on their way; the worker has the same" }),
  IDEMPOTENCY_SECRET: setting.secret().meta({ description: "Seals answers kept for retries" }),
  COOKIE_SECRET: setting.secret().meta({ description: "Signs the OpenID Provider's cookies" }),
  SERVICE_CLIENT_SECRET: setting.secret().meta({ description: "Secret of the service client `backend`" }),
})

export type Config = z.output<typeof Config>

/** What the command `keys` needs of them. */
const KeysConfig = Config.pick({
  DATABASE_URL: true,
  DB_PREPARED: true,
  KEY_ENCRYPTION_SECRET: true,
  KEY_ENCRYPTION_SECRET_PREVIOUS: true,
  KEY_MODULUS_BITS: true,
  KEY_ROTATION_DAYS: true,
  KEY_PUBLISH_SECONDS: true,
  KEY_RETIRE_SECONDS: true,
})

/** What the command `admin` needs of them. */
const AdminConfig = Config.pick({
  ADMIN_EMAIL: true,
  APPS_FILE: true,
  DATABASE_URL: true,
  DB_PREPARED: true,
  DEFAULT_APP: true,
  PUBLIC_URL: true,
})

/** What the command `users` needs of them. */
const UsersConfig = Config.pick({ DATABASE_URL: true, DB_PREPARED: true })

/** @throws ConfigError naming every faulty setting */
export const readConfig = (env: Record<string, string | undefined>): Readonly<Config> =>
  loadConfig(Config, env, refusedInProduction)

/** @throws ConfigError naming every faulty setting */
export const readKeysConfig = (env: Record<string, string | undefined>) => loadConfig(KeysConfig, env)

/** @throws ConfigError naming every faulty setting */
export const readAdminConfig = (env: Record<string, string | undefined>) => loadConfig(AdminConfig, env)

/** @throws ConfigError naming every faulty setting */
export const readUsersConfig = (env: Record<string, string | undefined>) => loadConfig(UsersConfig, env)

/** When signing keys come and go. */
export const keyPolicyOf = (config: z.output<typeof KeysConfig>) => ({
  modulusBits: config.KEY_MODULUS_BITS,
  rotationDays: config.KEY_ROTATION_DAYS,
  publishSeconds: config.KEY_PUBLISH_SECONDS,
  retireSeconds: config.KEY_RETIRE_SECONDS,
})

/** What is sealed with KEY_ENCRYPTION_SECRET, and what may be opened besides. */
export const encryptionOf = (
  config: Pick<Config, "KEY_ENCRYPTION_SECRET" | "KEY_ENCRYPTION_SECRET_PREVIOUS">,
): { encryptionSecret: string; previousSecrets: string[] } => ({
  encryptionSecret: config.KEY_ENCRYPTION_SECRET.reveal(),
  previousSecrets: config.KEY_ENCRYPTION_SECRET_PREVIOUS?.reveal().split(" ").filter(Boolean) ?? [],
})

/** What second factors and passkeys need of them. */
export const secondFactorsOf = (config: Config) => ({
  ...encryptionOf(config),
  publicUrl: config.PUBLIC_URL,
  passkeyRpId: config.PASSKEY_RP_ID,
})

function refusedInProduction(config: Config): string[] {
  const secrets = Object.entries(config).filter(([name]) => name.endsWith("_SECRET")) as [string, Secret][]
  const values = secrets.map(([, secret]) => secret.reveal())
  return [
    ...(config.PUBLIC_URL.startsWith("https://")
      ? []
      : ["PUBLIC_URL must start with https:// in production"]),
    ...(config.RATE_LIMITS ? [] : ["RATE_LIMITS can't be off in production"]),
    ...(config.EGRESS_ALLOW ? ["EGRESS_ALLOW can't be set in production"] : []),
    ...(config.ARGON2_MEMORY_KIB >= 19_456 && config.ARGON2_PASSES >= 2
      ? []
      : ["ARGON2_MEMORY_KIB and ARGON2_PASSES must be at least 19456 and 2 in production"]),
    ...(config.APPS_FILE === EXAMPLE_APPS
      ? ["APPS_FILE is needed: the example apps are not for production"]
      : []),
    ...secrets.flatMap(([name], index) =>
      values.indexOf(values[index] ?? "") < index ? [`${name} must differ from the other secrets`] : [],
    ),
  ]
}
