import { createHash } from "node:crypto"

/** The same in every run, and different from each other. */
const secret = (name: string) => createHash("sha256").update(`the bench's ${name}`).digest("base64url")

export const MAIL_SECRET = secret("MAIL_ENCRYPTION_SECRET")
export const SERVICE_CLIENT_SECRET = secret("SERVICE_CLIENT_SECRET")

const PUBLIC_URL = "http://localhost:8000"
/** What its access tokens say of where they come from, and whom they are for. */
export const ISSUER = `${PUBLIC_URL}/oidc`
export const AUDIENCE = PUBLIC_URL

/** What the auth service runs with; all that is not named here is its default. */
export const authSettings = (databaseUrl: string) => ({
  PORT: "0",
  HOST: "127.0.0.1",
  PUBLIC_URL,
  DATABASE_URL: databaseUrl,
  RATE_LIMITS: "off",
  LOG_LEVEL: "warn",
  SHUTDOWN_DRAIN_SECONDS: "0",
  KEY_ENCRYPTION_SECRET: secret("KEY_ENCRYPTION_SECRET"),
  REFRESH_TOKEN_SECRET: secret("REFRESH_TOKEN_SECRET"),
  MAIL_ENCRYPTION_SECRET: MAIL_SECRET,
  IDEMPOTENCY_SECRET: secret("IDEMPOTENCY_SECRET"),
  COOKIE_SECRET: secret("COOKIE_SECRET"),
  SERVICE_CLIENT_SECRET,
})

/** What the mail worker runs with. */
export const workerSettings = (
  databaseUrl: string,
  smtpUrl: string,
  redisUrl: string | undefined,
): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  SMTP_URL: smtpUrl,
  ...(redisUrl && { REDIS_URL: redisUrl }),
  LOG_LEVEL: "warn",
  MAIL_ENCRYPTION_SECRET: MAIL_SECRET,
})

/** What the notifications API runs with. */
export const notificationsSettings = (databaseUrl: string, publicUrl: string, jwksUrl: string) => ({
  PORT: "0",
  HOST: "127.0.0.1",
  PUBLIC_URL: publicUrl,
  JWKS_URL: jwksUrl,
  DATABASE_URL: databaseUrl,
  RATE_LIMITS: "off",
  LOG_LEVEL: "error",
  SHUTDOWN_DRAIN_SECONDS: "0",
  IDEMPOTENCY_SECRET: secret("IDEMPOTENCY_SECRET"),
})
