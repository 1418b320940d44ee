import { loadConfig, setting } from "@gatepost/runtime"
import { z } from "zod"

/** The secrets that are made locally when they are not given. */
export const secretNames = [
  "KEY_ENCRYPTION_SECRET",
  "REFRESH_TOKEN_SECRET",
  "MAIL_ENCRYPTION_SECRET",
  "COOKIE_SECRET",
  "IDEMPOTENCY_SECRET",
  "SERVICE_CLIENT_SECRET",
  "VAPID_PRIVATE_KEY",
] as const

export type SecretName = (typeof secretNames)[number]

/** The services that run beside Gatepost only where they are named. */
export const exampleNames = ["social-battery"] as const

export type ExampleName = (typeof exampleNames)[number]

const secret = (purpose: string) =>
  setting
    .secret()
    .optional()
    .meta({ description: `${purpose}; made and kept in DATA_DIR when not given` })

/** The settings of `npm start`; what else is in the environment goes to the services. */
export const settingsSchema = z.object({
  PORT: setting.port().default(8000).meta({ description: "Port of the gateway" }),
  HOST: z.string().default("localhost").meta({ description: "Address the gateway listens on" }),
  PUBLIC_URL: setting
    .origin()
    .optional()
    .meta({ description: "The URL clients use", example: "http://localhost:$PORT" }),
  DATA_DIR: z
    .string()
    .optional()
    .meta({ description: "Embedded database, local secrets, logs", example: ".gatepost" }),
  DATABASE_URL: setting
    .url("postgres", "postgresql")
    .optional()
    .meta({ description: "PostgreSQL 15 to 18; the built-in one when not given" }),
  MIGRATION_DATABASE_URL: setting
    .url("postgres", "postgresql")
    .optional()
    .meta({ description: "The same database as the owner of its schemas", example: "DATABASE_URL" }),
  REDIS_URL: setting
    .redis()
    .optional()
    .meta({ description: "Redis for the mail queues; PostgreSQL when not given" }),
  SMTP_URL: setting
    // The mail worker knows which providers there are.
    .url("smtp", "smtps", "resend+https", "emailengine+https")
    .optional()
    .meta({ description: "Mail server, or a provider's HTTP API; the dev inbox when not given" }),
  EXAMPLES: setting
    .list()
    .refine(areExamples, `must be empty or name examples: ${exampleNames.join(", ")}`)
    .optional()
    .meta({
      description: "Example services to run too; none when empty, or with a database of your own",
      example: exampleNames.join(","),
    }),
  INBOX_PORT: setting.port().default(8025).meta({ description: "Web page of the dev inbox" }),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal"], {
      error: "must be trace, debug, info, warn, error or fatal",
    })
    .default("info")
    .meta({ description: "How much the services log" }),
  KEY_ENCRYPTION_SECRET: secret("Encrypts the private signing keys"),
  REFRESH_TOKEN_SECRET: secret("Derives a refresh token's successor"),
  MAIL_ENCRYPTION_SECRET: secret("Encrypts codes and links in waiting mails"),
  COOKIE_SECRET: secret("Signs the cookies of the sign-in pages"),
  IDEMPOTENCY_SECRET: secret("Encrypts answers kept for a repeated request"),
  SERVICE_CLIENT_SECRET: secret("Secret of the service client `backend`"),
  VAPID_PRIVATE_KEY: secret("Web Push's key: 32 bytes in base64url"),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

/** @throws ConfigError naming every setting that is wrong or missing */
export const loadSettings = (env: NodeJS.ProcessEnv): Settings =>
  // An empty setting counts as absent; this one says "none" so.
  loadConfig(settingsSchema, env.EXAMPLES === "" ? { ...env, EXAMPLES: "[]" } : env, refusedInProduction)

/** The examples to run: by themselves all of them, but none in a database that is somebody's. */
export const examplesOf = ({ EXAMPLES, DATABASE_URL }: Settings): readonly ExampleName[] =>
  exampleNames.filter((name) => EXAMPLES?.includes(name) ?? !DATABASE_URL)

function areExamples(names: string[]): names is ExampleName[] {
  return names.every((name) => (exampleNames as readonly string[]).includes(name))
}

function refusedInProduction(settings: Settings): string[] {
  const needed = ["PUBLIC_URL", "DATABASE_URL", "SMTP_URL", ...secretNames] as const
  const missing = needed.filter((name) => settings[name] === undefined)
  if (missing.length === 0) return []
  return [
    `NODE_ENV=production refuses the built-in database, inbox and secrets, so it needs ${missing.join(", ")}`,
  ]
}
