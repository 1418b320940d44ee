import { z } from "zod"

/** What is wrong with the environment, one line a fault, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
}

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)

const url = (protocol: RegExp, means: string) => z.url({ protocol, error: `must be ${means}` })

const origins = z.string().transform((text, context) => {
  const list = text.trimStart().startsWith("[") ? parseJson(text) : text.split(",").map((item) => item.trim())
  const parsed = z.array(z.string()).safeParse(list)
  if (parsed.success) return parsed.data.filter(Boolean)
  context.addIssue({ code: "custom", message: "must be a list separated by commas, or a JSON array" })
  return z.NEVER
})

/** Every setting of the service; the generated `docs/configuration.md` is made from this. */
export const Config = z.object({
  PORT: integer(0, 65535).default(8003).meta({ description: "Port of this service" }),
  HOST: z.string().optional().meta({ description: "Address to listen on; all of them if unset" }),
  METRICS_PORT: integer(0, 65535)
    .optional()
    .meta({ description: "Port of /metrics and the probes; none if unset" }),
  PUBLIC_URL: url(/^https?$/, "an http or https URL")
    .refine(
      (value) => new URL(value).href === `${new URL(value).origin}/`,
      "must be an origin, without a path",
    )
    .transform((value) => new URL(value).origin)
    .meta({
      description: "The origin clients see; tokens must come from `$PUBLIC_URL/oidc`",
      example: "http://localhost:8000",
    }),
  JWKS_URL: url(/^https?$/, "an http or https URL")
    .optional()
    .meta({
      description: "Where the auth service's keys are fetched; `$PUBLIC_URL/.well-known/jwks.json` if unset",
    }),
  API_AUDIENCE: z
    .string()
    .optional()
    .meta({ description: "`aud` that tokens must have; PUBLIC_URL if unset" }),
  DATABASE_URL: url(/^postgres(ql)?$/, "a postgres:// URL").meta({
    description: "PostgreSQL 15 to 18, as the service's role",
  }),
  DB_POOL_SIZE: integer(1, 200).default(10).meta({ description: "Connections of this process at most" }),
  CORS_ORIGINS: origins.default([]).meta({ description: "Origins of browsers' calls, by commas or as JSON" }),
  REVOCATION_CLIENT_ID: z.string().default("backend").meta({
    description: "The client that follows which sessions were revoked; needs the scope `revocations:read`",
  }),
  SERVICE_CLIENT_SECRET: z.string().min(32, "must have at least 32 characters").optional().meta({
    description: "Secret of that client; without it, access tokens live until they expire",
  }),
  SHUTDOWN_DRAIN_SECONDS: integer(0, 60).default(5).meta({
    description: "Seconds that requests are still served after /readyz says 503",
  }),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be fatal, error, warn, info, debug, trace or silent",
    })
    .default("info")
    .meta({ description: "fatal, error, warn, info, debug, trace or silent" }),
})

export type Config = z.output<typeof Config>

/** @throws ConfigError naming every faulty setting; an empty variable counts as absent */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.entries(env).filter(([, value]) => value !== "")
  const result = Config.safeParse(Object.fromEntries(given))
  if (!result.success) throw new ConfigError(result.error.issues.map(describe).join("\n"))
  // The one look at NODE_ENV: tokens that cross the network in the clear are anybody's.
  if (env.NODE_ENV === "production" && !result.data.PUBLIC_URL.startsWith("https://"))
    throw new ConfigError("PUBLIC_URL must start with https:// in production")
  return result.data

  function describe({ path, message }: z.core.$ZodIssue): string {
    const name = String(path[0])
    return env[name] ? `${name} ${message}` : `${name} is needed`
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
