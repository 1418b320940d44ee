import { serve } from "@gatepost/http"
import { createSealer } from "@gatepost/runtime"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import supertest from "supertest"
import { openAdminPort } from "#src/admin-port.js"
import { createAuthApp } from "#src/app.js"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { startChild } from "./child.js"

export const PUBLIC_URL = "http://localhost:8000"

/** Each purpose has its own secret, as production asks for. */
export const SECRETS = {
  KEY_ENCRYPTION_SECRET: "test-signing-keys-0123456789abcdef",
  REFRESH_TOKEN_SECRET: "test-refresh-tokens-0123456789abcd",
  MAIL_ENCRYPTION_SECRET: "test-mail-payloads-0123456789abcde",
  IDEMPOTENCY_SECRET: "test-idempotent-answers-0123456789",
  COOKIE_SECRET: "test-cookies-0123456789abcdefghijk",
  SERVICE_CLIENT_SECRET: "test-service-client-0123456789abcd",
}

export interface SentMail {
  kind: string
  recipient: string
  locale: string | null
  payload: {
    link?: string
    code?: { digits: string }
    greeting_name?: string
    app: { name: string; from: string }
  }
}

/** One auth process: HTTP in, answers out. */
export interface AuthProcess {
  url: string
  http: ReturnType<typeof supertest>
  /** Its admin port, where it has one: AUTH_ADMIN_PORT. */
  admin?: ReturnType<typeof supertest>
  adminUrl?: string
  stop(): Promise<void>
}

/** One that runs by itself. */
export interface ChildProcess extends AuthProcess {
  /** As `kill -9` does. */
  kill(): Promise<void>
}

export interface Bundle extends AuthProcess {
  db: TestDatabase
  /** The mails that were committed, the oldest first. */
  mails(): Promise<SentMail[]>
  /** The token in the newest mail of a kind. */
  tokenFromMail(kind: string): Promise<string>
  /** A further process over the same database, as far as the database can tell: it shares this one's memory. */
  another(env?: Record<string, string>): Promise<AuthProcess>
  /** A further process in earnest, which can be killed. */
  child(env?: Record<string, string>): Promise<ChildProcess>
}

/** In the link of a mail. */
export const TOKEN = /[\w-]{43}/

/** What answers at this URL, which somebody else stops. */
export const processAt = (url: string): AuthProcess => ({ url, http: supertest(url), stop: async () => {} })

/** A whole auth service on a database of its own; limits are off unless `env` says otherwise. */
export async function setup(env: Record<string, string> = {}): Promise<Bundle> {
  const db = await testDatabase()
  const others: AuthProcess[] = []
  const first = await startProcess(db, env)
  const sealer = createSealer(SECRETS.MAIL_ENCRYPTION_SECRET, "mail")

  const mails = async () => {
    const rows = await db.query<Omit<SentMail, "payload"> & { id: string; payload: Buffer }>(
      "select id, kind, recipient, locale, payload from mail.messages order by created_at, id",
    )
    return rows.map(({ id, payload, ...row }) => ({ ...row, payload: JSON.parse(sealer.open(payload, id)) }))
  }

  return {
    ...first,
    db,
    mails,
    async tokenFromMail(kind) {
      const mail = (await mails()).findLast((sent) => sent.kind === kind)
      const [token] = TOKEN.exec(mail?.payload.link ?? "") ?? []
      if (!token) throw new Error(`no ${kind} mail has a link with a token`)
      return token
    },
    async another(more = {}) {
      const process = await startProcess(db, { ...env, ...more })
      others.push(process)
      return process
    },
    async child(more = {}) {
      const { child, exited, url } = await startChild({
        ...settings(db),
        ...env,
        LOG_LEVEL: "info",
        ...more,
      })
      const end = async (signal: "SIGTERM" | "SIGKILL") => {
        child.kill(signal)
        await exited
      }
      const process = { ...processAt(url), stop: () => end("SIGTERM"), kill: () => end("SIGKILL") }
      others.push(process)
      return process
    },
    async stop() {
      for (const process of [first, ...others]) await process.stop()
      await db.drop()
    },
  }
}

/** What every process of these tests is set to, with cheap hashes and without limits. */
export const settings = (db: TestDatabase): Record<string, string> => ({
  ...SECRETS,
  PORT: "0",
  PUBLIC_URL,
  DATABASE_URL: db.urlOf("gatepost_auth"),
  ARGON2_MEMORY_KIB: "1024",
  ARGON2_PASSES: "1",
  RATE_LIMITS: "off",
  SHUTDOWN_DRAIN_SECONDS: "0",
  LOG_LEVEL: "fatal",
})

export async function startProcess(db: TestDatabase, env: Record<string, string> = {}): Promise<AuthProcess> {
  const parts = await wire(readConfig({ ...settings(db), ...env }))
  const adminPort = await openAdminPort(parts)
  const { port, stop } = await serve(await createAuthApp(parts), parts)
  const url = `http://127.0.0.1:${port}`
  if (!adminPort) return { url, http: supertest(url), stop }
  const adminUrl = `http://127.0.0.1:${adminPort.port}`
  const stopBoth = async () => {
    await adminPort.stop()
    await stop()
  }
  return { url, http: supertest(url), adminUrl, admin: supertest(adminUrl), stop: stopBoth }
}
