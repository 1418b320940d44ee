import { loadConfig, setting } from "@gatepost/runtime"
import { z } from "zod"

/** Every setting of the notifications API; the generated `docs/configuration.md` is made from this. */
export const Config = z.object({
  PORT: setting.port().default(8002).meta({ description: "Port of this service" }),
  HOST: z.string().optional().meta({ description: "Address to listen on; all of them if unset" }),
  METRICS_PORT: setting
    .port()
    .optional()
    .meta({ description: "Port of /metrics and the probes; none if unset" }),
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
  DATABASE_URL: setting.url("postgres", "postgresql").meta({ description: "PostgreSQL 15 to 18" }),
  DB_POOL_SIZE: setting
    .integer(1, 200)
    .default(10)
    .meta({ description: "Connections of this process at most" }),
  DB_PREPARED: setting.flag().default(true).meta({
    description: "`off` behind a PgBouncer that can't prepare in transaction mode",
  }),
  CORS_ORIGINS: setting
    .list()
    .default([])
    .meta({ description: "Origins of browsers' calls, by commas or as JSON" }),
  CORS_CREDENTIALS: setting.flag().default(false).meta({ description: "Whether they may send credentials" }),
  TRUSTED_PROXY_HOPS: setting.integer(0, 10).default(0).meta({
    description: "Proxies in front whose X-Forwarded-For is believed",
  }),
  SHUTDOWN_DRAIN_SECONDS: setting.seconds(0, 60).default(5).meta({
    description: "Seconds that requests are still served after /readyz says 503",
  }),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info").meta({
    description: "fatal, error, warn, info, debug or trace",
  }),
  IDEMPOTENCY_SECRET: setting.secret().meta({ description: "Seals answers kept for retries" }),
  REVOCATION_CLIENT_ID: z.string().default("backend").meta({
    description: "The client that follows which sessions were revoked; needs the scope `revocations:read`",
  }),
  SERVICE_CLIENT_SECRET: setting.secret().optional().meta({
    description: "Secret of that client; without it, access tokens live until they expire",
  }),
  MAX_STALENESS: setting.seconds(10, 3_600).default(30).meta({
    description: "Seconds without word of revocations after which WHEN_STALE decides",
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
  loadConfig(SoundConfig, env, (config) =>
    config.PUBLIC_URL.startsWith("https://") ? [] : ["PUBLIC_URL must start with https:// in production"],
  )
