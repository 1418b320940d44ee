import { spawn } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { freePort, smtpSink, startDnsServer, testDatabase } from "@gatepost/testkit"

const inRoot = (file: string) => fileURLToPath(new URL(`../../../../${file}`, import.meta.url))

export const DOMAIN = "post.acme-mail.dev"
const DKIM = generateKeyPairSync("rsa", { modulusLength: 2048 })

/** DNS as it should be for mails from DOMAIN. */
export const soundRecords = (): Record<string, string[]> => ({
  [`MX ${DOMAIN}`]: ["10 mx.acme-mail.dev"],
  [`TXT ${DOMAIN}`]: ["some-site-verification=1", "v=spf1 include:_spf.provider.dev ~all"],
  [`TXT gatepost._domainkey.${DOMAIN}`]: [
    `v=DKIM1; k=rsa; p=${DKIM.publicKey.export({ type: "spki", format: "der" }).toString("base64")}`,
  ],
  "TXT _dmarc.acme-mail.dev": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@acme-mail.dev"],
})

/** A whole installation in which nothing is wrong, and the handles to break it. */
export async function soundInstallation() {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-doctor-"))
  const records = soundRecords()
  const [db, port, dns, mail] = await Promise.all([
    testDatabase(),
    freePort(),
    startDnsServer((name, type) => records[`${type} ${name}`] ?? []),
    smtpSink({
      disabledCommands: [],
      authOptional: false,
      onAuth: ({ username, password }, _session, answer) =>
        password === "right" ? answer(null, { user: username }) : answer(new Error("no")),
    }),
  ])
  const env: Record<string, string> = {
    ...secrets(),
    PUBLIC_URL: `http://localhost:${port}`,
    DATABASE_URL: db.urlOf("gatepost_auth"),
    MIGRATION_DATABASE_URL: db.url,
    APPS_FILE: appsFile(folder),
    SMTP_URL: mail.url.replace("://", "://worker:right@"),
    DKIM_DOMAINS: DOMAIN,
    DKIM_PRIVATE_KEY: DKIM.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  }
  const auth = spawn(process.execPath, [inRoot("services/auth/dist/main.js")], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...env, PATH: process.env.PATH, PORT: String(port), HOST: "127.0.0.1", LOG_LEVEL: "error" },
  })
  await Promise.race([once(auth, "message"), once(auth, "exit")])

  return {
    db,
    dns,
    mail,
    env,
    /** May be changed, and `soundRecords` put back. */
    records,
    stopAuth: () => end(auth),
    async close() {
      await end(auth)
      dns.stop()
      await mail.close()
      await db.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** What runs as `npm run doctor` does. */
export async function runDoctor(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [inRoot("infra/doctor/dist/main.js"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, PATH: process.env.PATH },
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(String(chunk)))
  const [code] = (await once(child, "close")) as [number | null]
  return { code, output: chunks.join("") }
}

/** Of 32 random bytes, but the same in each run. */
const secrets = () =>
  Object.fromEntries(
    ["KEY_ENCRYPTION", "REFRESH_TOKEN", "MAIL_ENCRYPTION", "IDEMPOTENCY", "COOKIE", "SERVICE_CLIENT"].map(
      (name) => [
        `${name}_SECRET`,
        Buffer.from(`${name} of the doctor's own`).toString("base64url").padEnd(43, "x"),
      ],
    ),
  )

function appsFile(folder: string): string {
  const apps = JSON.parse(readFileSync(inRoot("services/auth/apps.example.json"), "utf8")) as object[]
  const file = path.join(folder, "apps.json")
  writeFileSync(file, JSON.stringify(apps.map((app) => ({ ...app, mail_from: `hello@${DOMAIN}` }))))
  return file
}

async function end(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGTERM")
  await gone
}
