import path from "node:path"
import type { DataDir } from "./data-dir.js"
import type { ServiceDatabase } from "./database/database.js"
import type { Program } from "./programs.js"
import { type Settings, secretNames } from "./settings.js"

export interface Surroundings {
  settings: Settings
  dataDir: DataDir
  database: ServiceDatabase
  gatewayUrl: string
  publicUrl: string
  smtpUrl: string
  adminPort: string
}

/** Our own environment without what only some of the programs may know. */
export function commonEnvironment(env: NodeJS.ProcessEnv, dataDir: DataDir): NodeJS.ProcessEnv {
  const common: NodeJS.ProcessEnv = {
    ...env,
    // Node 22 and newer keep compiled code there; older ones ignore it.
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? path.join(dataDir.path, "compile-cache"),
  }
  for (const name of [...secretNames, "DATABASE_URL", "MIGRATION_DATABASE_URL"]) delete common[name]
  return common
}

/** What a program is started with: its own secrets and database role, and a free port of loopback. */
export function environmentOf(
  program: Program,
  env: NodeJS.ProcessEnv,
  { settings, dataDir, database, gatewayUrl, publicUrl, smtpUrl, adminPort }: Surroundings,
): NodeJS.ProcessEnv {
  const secrets = program.secrets.map((name) => [name, dataDir.secrets[name]])
  return {
    ...program.defaults,
    ...commonEnvironment(env, dataDir),
    ...Object.fromEntries(secrets),
    PORT: "0",
    METRICS_PORT: "0",
    AUTH_ADMIN_PORT: adminPort,
    HOST: "127.0.0.1",
    PUBLIC_URL: publicUrl,
    // By way of loopback, whatever the public URL is; tokens still carry that one.
    JWKS_URL: `${gatewayUrl}/.well-known/jwks.json`,
    NOTIFICATIONS_URL: gatewayUrl,
    DATABASE_URL: database.urlOf(program.role),
    SMTP_URL: smtpUrl,
    LOG_LEVEL: settings.LOG_LEVEL,
    TRUSTED_PROXY_HOPS: "1",
    SHUTDOWN_DRAIN_SECONDS: "0",
  }
}
