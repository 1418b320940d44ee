import {
  databaseSettings,
  loadConfig,
  logSettings,
  operatorSettings,
  Secret,
  setting,
  tracingSettings,
} from "@gatepost/runtime"
import { z } from "zod"
import { dkimSettings, needsBoth } from "./dkim-key.js"
import { providerSchemes } from "./http-transport.js"
import { isPlain } from "./smtp-options.js"

const transportUrl = () =>
  setting.url("smtp", "smtps", ...providerSchemes).transform((url) => new Secret(url))

/** Every setting of this service. */
export const settings = z.object({
  ...operatorSettings,
  ...databaseSettings,
  ...logSettings,
  ...tracingSettings,
  REDIS_URL: setting
    .redis()
    .optional()
    .meta({ description: "Redis for BullMQ; without it BullMQ runs on PostgreSQL" }),
  SMTP_URL: transportUrl().meta({
    description:
      "where mail goes; TLS is required but to loopback or with ?tls=none; also a provider's HTTP API, as resend+https://:key@api.resend.com",
    example: "smtp://user:password@smtp.example.com:587",
  }),
  SMTP_URL_FALLBACK: transportUrl()
    .optional()
    .meta({ description: "a second way out, for mails that the first one provably did not take" }),
  MAIL_ENCRYPTION_SECRET: setting
    .secret()
    .meta({ description: "opens what the services sealed; the same in each of them" }),
  MAIL_CONCURRENCY: setting
    .integer(1, 200)
    .default(10)
    .meta({ description: "connections over which this process sends the mails of one lane" }),
  MAIL_STALL_SECONDS: setting
    .seconds(1, 3_600)
    .default(30)
    .meta({ description: "how long a mail may wait in the queue before it is enqueued again in any case" }),
  MAIL_RETENTION_DAYS: setting
    .integer(1, 3_650)
    .default(30)
    .meta({ description: "days that a mail is kept, address and all, once it is at its end" }),
  ADMIN_PORT: setting.port().optional().meta({
    description: "port of the admin API and, with SERVICE_CLIENT_SECRET, of Bull Board; none if unset",
  }),
  ADMIN_HOST: z
    .string()
    .default("127.0.0.1")
    .meta({ description: "address that ADMIN_PORT listens on; never one of the public" }),
  PUBLIC_URL: setting.origin().optional().meta({
    description: "needed with ADMIN_PORT: callers' tokens come from `$PUBLIC_URL/oidc`",
  }),
  JWKS_URL: setting.url("http", "https").optional().meta({
    description: "where the auth service's keys are fetched; `$PUBLIC_URL/.well-known/jwks.json` if unset",
  }),
  API_AUDIENCE: z
    .string()
    .optional()
    .meta({ description: "`aud` that callers' tokens must have; PUBLIC_URL if unset" }),
  SERVICE_CLIENT_SECRET: setting.secret().optional().meta({
    description: "password of the user `backend` at Bull Board; without it there is no board",
  }),
  ...dkimSettings,
})

export type Config = Readonly<z.infer<typeof settings>>

const AdminConfig = settings
  .superRefine(needsBoth)
  .refine((config) => config.ADMIN_PORT === undefined || config.PUBLIC_URL, {
    path: ["PUBLIC_URL"],
    error: "is needed with ADMIN_PORT: callers' tokens come from there",
  })

/** What the command `mail` needs of them. @throws ConfigError naming every faulty variable */
export const readCommandConfig = (env: Record<string, string | undefined>) =>
  loadConfig(settings.pick({ DATABASE_URL: true, DB_PREPARED: true }), env)

/** @throws ConfigError naming every faulty variable */
export const readConfig = (env: Record<string, string | undefined> = process.env): Config =>
  loadConfig(AdminConfig, env, (config) =>
    // Check 105.
    (["SMTP_URL", "SMTP_URL_FALLBACK"] as const)
      .filter((name) => isPlain(config[name]?.reveal()))
      .map((name) => `${name} must not do without TLS in production`),
  )
