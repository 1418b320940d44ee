import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { freePort, smtpSink, testDatabase, until } from "@gatepost/testkit"
import { type Metric, readExposition } from "./exposition.js"
import { type ServiceProcess, startService } from "./processes.js"
import { readText } from "./root.js"

const PASSWORD = "a fine long passphrase"
const NOWHERE = "http://localhost:1"
const DEAD_MAIL = `
  insert into mail.messages (id, kind, lane, recipient, payload, message_id, expires_at, state)
  values (gen_random_uuid(), 'verify-email', 'otp', 'a@b.example', ''::bytea, '<a@b.example>', now() + interval '1 day', 'dead')`

/** Every service, with some of everything done, and what each one's /metrics says then. */
export async function watched() {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-watched-"))
  const [db, sink, notificationsPort, adminPort] = await Promise.all([
    testDatabase(),
    smtpSink(),
    freePort(),
    freePort(),
  ])
  const running: Record<string, ServiceProcess> = {}
  const common = { PUBLIC_URL: "http://localhost:8000", RATE_LIMITS: "off", EGRESS_ALLOW: "loopback" }
  async function close(): Promise<void> {
    await Promise.all(Object.values(running).map((service) => service.stop()))
    await sink.close()
    await db.drop()
    rmSync(folder, { recursive: true })
  }
  try {
    const auth = await startService("auth", db, {
      ...common,
      AUTH_ADMIN_PORT: String(adminPort),
      APPS_FILE: appsFile(folder),
      NOTIFICATIONS_URL: `http://127.0.0.1:${notificationsPort}`,
      SOCIAL_PROVIDERS: JSON.stringify([apple()]),
    })
    running.auth = auth
    const verifying = { ...common, JWKS_URL: `${auth.url}/.well-known/jwks.json` }
    const [notifications, worker, battery] = await Promise.all([
      startService("notifications", db, { ...verifying, PORT: String(notificationsPort) }),
      startService("mail-worker", db, { ...common, SMTP_URL: sink.url }),
      startService("social-battery", db, { ...verifying, SERVICE_CLIENT_ID: "backend" }),
    ])
    Object.assign(running, { notifications, "mail-worker": worker, "social-battery": battery })

    const admin = await register(auth.url, "admin@people.example")
    await db.query(
      "insert into auth.role_grants (account_id, client_id, role) values (:id, '*', 'admin')",
      admin,
    )
    await hook(`http://127.0.0.1:${adminPort}`, await login(auth.url, "admin@people.example"))
    const jane = await register(auth.url, "jane@people.example")
    const token = await login(auth.url, "jane@people.example")
    const asJane = { Authorization: `Bearer ${token.access_token}` }
    await call(auth.url, "GET", "/v1/auth/me", undefined, asJane)
    await call(auth.url, "POST", "/v1/auth/refresh", { refresh_token: token.refresh_token })
    await call(notifications.url, "GET", "/v1/notifications", undefined, asJane)
    await call(battery.url, "GET", `/social-battery/${jane.id}`, undefined, asJane)
    await call(auth.url, "POST", "/v1/auth/logout", {}, asJane)
    for (const { url } of [auth, notifications, battery])
      for (let made = 0; made < 30; made++) await call(url, "GET", `/v1/made-up/${made}`)
    await sink.waitFor(({ recipients }) => recipients.includes("jane@people.example"))
    await until("a try of each kind", async () => {
      const text = await (await fetch(auth.metricsUrl)).text()
      return /^webhook_tries_total\{/m.test(text) && /^backchannel_logout_tries_total\{/m.test(text)
    })
    await db.query(DEAD_MAIL)
    const metrics: Record<string, Metric[]> = {}
    await until("the mail is counted", async () =>
      /^mail_attempts_total\{/m.test(await (await fetch(worker.metricsUrl)).text()),
    )
    for (const [name, { metricsUrl }] of Object.entries(running))
      metrics[name] = readExposition(await (await fetch(metricsUrl)).text())
    return { metrics, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/** A provider that wants its tokens back. */
const apple = () => ({
  type: "apple",
  client_id: "any",
  team_id: "any",
  key_id: "any",
  private_key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }),
})

/** The example apps, which are told of logouts. */
function appsFile(folder: string): string {
  const apps = JSON.parse(readText("services/auth/apps.example.json")) as object[]
  const file = path.join(folder, "apps.json")
  const told = apps.map((app) => ({ ...app, backchannel_logout_uri: `${NOWHERE}/logout` }))
  writeFileSync(file, JSON.stringify(told))
  return file
}

async function call<Body>(
  url: string,
  method: string,
  where: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Body> {
  const answer = await fetch(url + where, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await answer.json().catch(() => undefined)) as Body
}

const register = async (url: string, email: string) =>
  (await call<{ user: { id: string } }>(url, "POST", "/v1/auth/register", { email, password: PASSWORD })).user

const login = (url: string, email: string) =>
  call<{ access_token: string; refresh_token: string }>(url, "POST", "/v1/auth/login", {
    email,
    password: PASSWORD,
  })

const hook = (adminUrl: string, { access_token: token }: { access_token: string }) =>
  call(
    adminUrl,
    "POST",
    "/v1/admin/webhooks",
    { url: `${NOWHERE}/hook`, event_types: ["user.created"] },
    { Authorization: `Bearer ${token}` },
  )
