import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { freePort, type TestDatabase } from "@gatepost/testkit"
import { inRoot } from "./root.js"

/** A service as operators run it. */
export interface ServiceProcess {
  url: string
  metricsUrl: string
  output(): string
  stop(): Promise<void>
}

type Role = Parameters<TestDatabase["urlOf"]>[0]

const ROLES: Record<string, Role> = {
  auth: "gatepost_auth",
  notifications: "gatepost_notifications",
  "mail-worker": "gatepost_mail",
  "social-battery": "gatepost_social_battery",
}

// One string for each, since production alone minds if two are the same.
const SECRETS = Object.fromEntries(
  ["KEY_ENCRYPTION", "REFRESH_TOKEN", "MAIL_ENCRYPTION", "IDEMPOTENCY", "COOKIE", "SERVICE_CLIENT"].map(
    (name) => [`${name}_SECRET`, `test-${name.toLowerCase()}-0123456789abcdefghijk`],
  ),
)

/** Starts a service by its name and waits until it is ready; `publicUrl` is the auth service's. */
export async function startService(
  name: string,
  db: TestDatabase,
  env: Record<string, string>,
): Promise<ServiceProcess> {
  const metricsPort = await freePort()
  const child = spawn(process.execPath, [inRoot(`services/${name}/dist/main.js`)], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      PATH: process.env.PATH,
      ...SECRETS,
      DATABASE_URL: db.urlOf(ROLES[name] ?? "gatepost_auth"),
      PORT: "0",
      HOST: "127.0.0.1",
      METRICS_PORT: String(metricsPort),
      ARGON2_MEMORY_KIB: "1024",
      ARGON2_PASSES: "1",
      SHUTDOWN_DRAIN_SECONDS: "0",
      ...env,
    },
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => chunks.push(String(chunk)))
  const output = () => chunks.join("")
  const port = await readyPort(child).catch(() => {
    throw new Error(`${name} did not start: ${output()}`)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, "exit")
      child.kill("SIGTERM")
      await gone
    },
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  const ready = new Promise<number>((resolve) => {
    child.on("message", (message: { type?: string; port?: number }) => {
      if (message.type === "ready") resolve(message.port ?? 0)
    })
  })
  const ended = once(child, "exit").then(() => Promise.reject(new Error("it ended")))
  return Promise.race([ready, ended])
}
