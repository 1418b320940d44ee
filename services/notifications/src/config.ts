import { databaseSettings, httpSettings, loadConfig, logSettings, setting } from "@gatepost/runtime"
import { z } from "zod"

/** Every setting of the notifications API; the generated `docs/configuration.md` is made from this. */
export const Config = z.object({
  ...httpSettings,
  ...databaseSettings,
  ...logSettings,
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
  REVOCATION_CLIENT_ID: z.string().default("backend").meta({
    description: "The client that follows which sessions were revoked; needs the scope `revocations:read`",
  }),
  SERVICE_CLIENT_SECRET: setting.secret().optional().meta({
    description: "Secret of that client; without it, access tokens live until they expire",
  }),
  MAX_STALENESS: setting.seconds(10, 3_600).default(30).meta({
    description: "Seconds without word of revocations after which WHEN_STALE decides",
  }),
  DEMO: setting.flag().default(false).meta({
    description:
      "Serves the page `/demo/inbox`, to try the inbox on one's own machine; refused in production",
  }),
  WHEN_STALE: z.enum(["open", "closed"], { error: "must be open or closed" }).default("open").meta({
    description: "`open` goes on with an alarm in the log, `closed` answers 503",
  }),
})

export type Config = z.output<typeof Config>

const SoundConfig = Config.refine((config) => config.WHEN_STALE === "open" || config.SERVICE_CLIENT_SECRET, {
  path: ["WHEN_STALE"],
  error: "can't be closed without SERVICE_CLIENT_SECRET: there is nothing that could go stale",
})

/** @throws ConfigError naming every faulty setting */
export const readConfig = (env: Record<string, string | undefined>): Readonly<Config> =>
  loadConfig(SoundConfig, env, (config) => [
    ...(config.PUBLIC_URL.startsWith("https://")
      ? []
      : ["PUBLIC_URL must start with https:// in production"]),
    ...(config.DEMO ? ["DEMO must be off in production"] : []),
  ])
