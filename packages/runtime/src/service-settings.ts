import { z } from "zod"
import { Secret } from "./config.js"
import * as setting from "./settings.js"

/** Settings that every service has in common; a service's schema spreads the groups it needs. */
export const logSettings = {
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info").meta({
    description: "fatal, error, warn, info, debug, trace or silent",
  }),
}

export const databaseSettings = {
  DATABASE_URL: setting
    .url("postgres", "postgresql")
    .meta({ description: "PostgreSQL 15 to 18, as the service's role" }),
  DATABASE_DIRECT_URL: setting.url("postgres", "postgresql").optional().meta({
    description:
      "The same database past PgBouncer, for what needs a session of its own: LISTEN, and BullMQ where it runs on PostgreSQL; DATABASE_URL if unset",
  }),
  DB_POOL_SIZE: setting
    .integer(1, 200)
    .default(10)
    .meta({ description: "Connections of this process at most, beside those that listen" }),
  DB_PREPARED: setting.flag().default(true).meta({
    description: "`off` behind a PgBouncer that can't prepare in transaction mode",
  }),
}

export const operatorSettings = {
  HOST: z.string().optional().meta({ description: "Address to listen on; all of them if unset" }),
  METRICS_PORT: setting
    .port()
    .optional()
    .meta({ description: "Port of /metrics and the probes; none if unset" }),
}

const HEADERS = /^\s*[\w-]+=[^,=\s]*={0,2}\s*(,\s*[\w-]+=[^,=\s]*={0,2}\s*)*$/

/** The names are OpenTelemetry's own. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: setting.url("http", "https").optional().meta({
    description: "OpenTelemetry collector that gets traces, by OTLP over HTTP; none are made if unset",
  }),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .regex(HEADERS, "must be name=value pairs, separated by commas, the values percent-encoded")
    .refine(isDecodable, "must be percent-encoded")
    .transform((headers) => new Secret(headers))
    .optional()
    .meta({ description: "What the collector is sent beside them, as `authorization=Bearer%20…`" }),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, "must be between 0 and 1")
    .transform(Number)
    .default(1)
    .meta({ description: "Share of the traces that are kept, 0 to 1; the same in every service" }),
}

export const httpSettings = {
  ...operatorSettings,
  CORS_CREDENTIALS: setting
    .flag()
    .default(false)
    .meta({ description: "Whether browsers of CORS_ORIGINS may send credentials" }),
  TRUSTED_PROXY_HOPS: setting.integer(0, 10).default(0).meta({
    description: "Proxies in front whose X-Forwarded-For is believed",
  }),
  SHUTDOWN_DRAIN_SECONDS: setting.seconds(0, 60).default(5).meta({
    description: "Seconds that requests are still served after /readyz says 503",
  }),
}

/** The URL for what needs a session of its own, which a PgBouncer in transaction mode does not give. */
export const directUrlOf = (config: { DATABASE_URL: string; DATABASE_DIRECT_URL?: string | undefined }) =>
  config.DATABASE_DIRECT_URL ?? config.DATABASE_URL

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
