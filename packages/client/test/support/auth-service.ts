import { createAuthApp } from "@gatepost/auth/app"
import { readConfig } from "@gatepost/auth/config"
import { wire } from "@gatepost/auth/wiring"
import { serve } from "@gatepost/http"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"

export interface AuthService {
  url: string
  db: TestDatabase
  stop(): Promise<void>
}

/** The real auth service on a database of its own, with cheap hashes and without limits. */
export async function startAuthService(): Promise<AuthService> {
  const db = await testDatabase()
  const config = readConfig({
    PORT: "0",
    PUBLIC_URL: "http://localhost:8000",
    DATABASE_URL: db.urlOf("gatepost_auth"),
    ARGON2_MEMORY_KIB: "1024",
    ARGON2_PASSES: "1",
    RATE_LIMITS: "off",
    SHUTDOWN_DRAIN_SECONDS: "0",
    LOG_LEVEL: "fatal",
    KEY_ENCRYPTION_SECRET: "test-signing-keys-0123456789abcdef",
    REFRESH_TOKEN_SECRET: "test-refresh-tokens-0123456789abcd",
    MAIL_ENCRYPTION_SECRET: "test-mail-payloads-0123456789abcde",
    IDEMPOTENCY_SECRET: "test-idempotent-answers-0123456789",
    COOKIE_SECRET: "test-cookies-0123456789abcdefghijk",
    SERVICE_CLIENT_SECRET: "test-service-client-0123456789abcd",
  })
  const parts = await wire(config)
  const { port, stop } = await serve(await createAuthApp(parts), parts)
  return {
    url: `http://127.0.0.1:${port}`,
    db,
    async stop() {
      await stop()
      await db.drop()
    },
  }
}
