import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { createServer as createTlsServer } from "node:tls"
import { needs, ownRedis } from "@gatepost/testkit"
import { judgeSkew } from "#src/checks/clock.js"
import { connections } from "#src/checks/connections.js"
import { database } from "#src/checks/database.js"
import { judgeRoom } from "#src/checks/disk.js"
import { dns } from "#src/checks/dns.js"
import { jwks } from "#src/checks/jwks.js"
import { migrations } from "#src/checks/migrations.js"
import { redis } from "#src/checks/redis.js"
import { secrets } from "#src/checks/secrets.js"
import { settings } from "#src/checks/settings.js"
import { signingKeys } from "#src/checks/signing-keys.js"
import { smtp } from "#src/checks/smtp.js"
import { tls } from "#src/checks/tls.js"
import { examine } from "#src/examine.js"
import type { Check } from "#src/patient.js"
import { DOMAIN, runDoctor, soundInstallation, soundRecords } from "./support/installation.js"

describe("the doctor", function () {
  this.timeout(60_000)
  let sound: Awaited<ReturnType<typeof soundInstallation>>
  before(async () => {
    sound = await soundInstallation()
  })
  after(() => sound?.close())
  afterEach(() => {
    for (const name of Object.keys(sound.records)) delete sound.records[name]
    Object.assign(sound.records, soundRecords())
  })

  /** The lines of a check as `level of`, and what it says in all. */
  async function see(check: Check, env: Record<string, string> = {}) {
    const { resolver } = sound.dns
    const found = await check.run({ env: { ...sound.env, ...env }, isLocal: false, resolver })
    const findings = Array.isArray(found) ? found : [{ of: "", verdict: found }]
    return {
      levels: findings.map(({ of, verdict }) => `${verdict.level} ${of}`.trim()),
      text: findings.map(({ verdict }) => `${verdict.says} → ${verdict.todo ?? ""}`).join("\n"),
    }
  }

  it("finds nothing to fail in a sound installation, and says so by its exit code and as JSON", async () => {
    const lines = await examine({ env: sound.env, isLocal: false, resolver: sound.dns.resolver })
    // The machine that tests run on may be short of disk; everything else is the test's own.
    assert.deepEqual(
      lines.filter(({ level, check }) => level !== "ok" && check !== "disk"),
      [],
    )
    assert.ok(lines.length >= 18)
    const { code, output } = await runDoctor(sound.env, "--json", "--dns", sound.dns.address)
    const { verdict, checks } = JSON.parse(output) as { verdict: string; checks: { check: string }[] }
    assert.equal(code, verdict === "fail" ? 1 : 0)
    assert.deepEqual(
      checks.map(({ check }) => check),
      lines.map(({ check }) => check),
    )
  })

  it("exits with 1 and one line on what is broken, without a secret in it", async () => {
    const { code, output } = await runDoctor(
      { ...sound.env, DATABASE_URL: "postgres://gatepost:hunter22@127.0.0.1:1/gatepost" },
      "--dns",
      sound.dns.address,
    )
    assert.equal(code, 1)
    assert.match(
      output,
      /^fail {2}database +no answer at 127\.0\.0\.1:1.* → start it, or correct DATABASE_URL$/m,
    )
    assert.ok(!output.includes("hunter22"))
    for (const [name, value] of Object.entries(sound.env)) {
      if (name.endsWith("_SECRET")) assert.ok(!output.includes(value), name)
    }
    assert.equal((await runDoctor(sound.env, "--nonsense")).code, 2)
  })

  it("names each setting that a service would refuse, and each secret that is missing, short, an example or twice", async () => {
    const bad = await see(settings, { OTP_TTL: "9999", WHEN_STALE: "maybe" })
    assert.deepEqual(bad.levels, ["fail auth", "fail notifications", "ok mail-worker"])
    assert.match(bad.text, /OTP_TTL .*\n.*WHEN_STALE/)
    const twice = sound.env.KEY_ENCRYPTION_SECRET ?? ""
    for (const [env, level] of [
      [{ COOKIE_SECRET: "" }, "fail"],
      [{ COOKIE_SECRET: "short" }, "fail"],
      [{ COOKIE_SECRET: "please-change-me-to-something-random-now" }, "fail"],
      [{ COOKIE_SECRET: twice }, "warn"],
      [{ COOKIE_SECRET: twice, NODE_ENV: "production" }, "fail"],
    ] as const) {
      const { levels, text } = await see(secrets, env)
      assert.deepEqual(levels, [level])
      assert.match(text, /COOKIE_SECRET/)
    }
  })

  // check 121
  it("sees that a database is asked in clear text over a network", async () => {
    const { levels, text } = await see(database, {
      DATABASE_URL: (sound.env.DATABASE_URL ?? "").replace("127.0.0.1", "0.0.0.0"),
    })
    assert.deepEqual(levels, ["warn"])
    assert.match(text, /in clear text → DATABASE_URL with \?sslmode=verify-full/)
  })

  it("sees a database that lacks migrations, one of a newer release, and a role that may not look", async () => {
    await sound.db.query("delete from mail.schema_migrations where name like '0002%'")
    const missing = await see(migrations)
    assert.deepEqual(missing.levels, ["ok auth", "ok notifications", "fail mail"])
    assert.match(missing.text, /1 are missing, from 0002_delivery on → npm run db:migrate/)
    await sound.db.query(
      "insert into mail.schema_migrations (name, batch, migration_time) values ('0002_delivery', 1, now()), ('9999_later', 1, now())",
    )
    assert.deepEqual((await see(migrations)).levels, ["ok auth", "ok notifications", "warn mail"])
    await sound.db.query("delete from mail.schema_migrations where name = '9999_later'")
    const blind = await see(migrations, { MIGRATION_DATABASE_URL: sound.env.DATABASE_URL ?? "" })
    assert.ok(blind.levels.includes("warn mail"), blind.levels.join())
  })

  it("reckons connections against max_connections, and judges clocks and disks by their figures", async () => {
    const { levels, text } = await see(connections, { DB_POOL_SIZE: "200" })
    assert.deepEqual(levels, ["fail"], text)
    assert.match(text, /takes up to 619 of/)
    const GIB = 1024 ** 3
    assert.deepEqual(
      [judgeSkew(100, 50), judgeSkew(-2_100, 50), judgeSkew(31_000, 10)].map(({ level }) => level),
      ["ok", "warn", "fail"],
    )
    assert.deepEqual(
      [judgeRoom(50 * GIB, 100 * GIB), judgeRoom(5 * GIB, 100 * GIB), judgeRoom(0.1 * GIB, 1 * GIB)].map(
        ({ level }) => level,
      ),
      ["ok", "warn", "fail"],
    )
    assert.deepEqual((await see(database, { DATABASE_URL: `${sound.db.url}_gone` })).levels, ["fail"])
  })

  it("asks Redis whether it drops jobs, keeps what it has, and is there at all", async function () {
    assert.match((await see(redis)).text, /none is used/)
    const server = await ownRedis(this)
    const env = { REDIS_URL: server.url }
    const configure = (name: string, value: string) =>
      server.run((client) => client.config("SET", name, value))
    await configure("appendonly", "yes")
    await configure("maxmemory-policy", "noeviction")
    assert.deepEqual((await see(redis, env)).levels, ["ok"])
    // An address of this machine that is none of its loopback.
    const elsewhere = { REDIS_URL: server.url.replace(/127\.0\.0\.1|localhost/, "0.0.0.0") }
    assert.match((await see(redis, elsewhere)).text, /in clear text → REDIS_URL with rediss/)
    await configure("appendonly", "no")
    assert.deepEqual((await see(redis, env)).levels, ["warn"])
    await configure("maxmemory-policy", "allkeys-lru")
    const evicting = await see(redis, env)
    assert.deepEqual(evicting.levels, ["fail"])
    assert.match(evicting.text, /allkeys-lru.*noeviction/)
    await server.stop()
    const gone = await see(redis, env)
    assert.deepEqual(gone.levels, ["fail"])
    assert.match(gone.text, /ECONNREFUSED/)
  })

  it("signs in to the mail server, sends nothing, and tells a wrong password from a server that is away", async () => {
    const right = await see(smtp)
    assert.match(right.text, /by TLS, signed in/)
    const wrong = await see(smtp, { SMTP_URL: (sound.env.SMTP_URL ?? "").replace("right", "wrong") })
    assert.deepEqual(wrong.levels, ["fail"])
    assert.match(wrong.text, /correct the user and password/)
    const away = await see(smtp, { SMTP_URL_FALLBACK: "smtp://127.0.0.1:1" })
    assert.deepEqual(away.levels, ["ok", "fail fallback"])
    const provider = await see(smtp, { SMTP_URL: "resend+https://:key@api.resend.com" })
    assert.deepEqual(provider.levels, ["warn"])
    assert.deepEqual([sound.mail.mails(), sound.mail.rcpts()], [[], []])
  })

  it("opens the signing keys with the secret there is, and fetches them where tokens say they are", async () => {
    assert.match((await see(signingKeys)).text, /1 published, .{8}… signs until 20\d\d-/)
    const another = await see(signingKeys, { KEY_ENCRYPTION_SECRET: sound.env.COOKIE_SECRET ?? "" })
    assert.deepEqual(another.levels, ["fail"])
    assert.match(another.text, /is not the one that signing key/)
    assert.deepEqual((await see(jwks)).levels, ["ok"])
    assert.deepEqual((await see(jwks, { PUBLIC_URL: "http://localhost:1" })).levels, ["fail"])
    const other = await see(jwks, {
      PUBLIC_URL: (sound.env.PUBLIC_URL ?? "").replace("localhost", "127.0.0.1"),
    })
    assert.match(other.text, /says it is http:\/\/localhost/)
  })

  it("has a certificate looked at as a browser does", async function () {
    needs(this, "openssl", ["version"], "openssl is not installed: the test of certificates is pending")
    assert.match((await see(tls)).text, /is http/)
    assert.deepEqual((await see(tls, { NODE_ENV: "production" })).levels, ["fail"])
    const folder = mkdtempSync(path.join(tmpdir(), "gatepost-doctor-tls-"))
    const files = ["key.pem", "cert.pem"].map((file) => path.join(folder, file)) as [string, string]
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
        files[0],
        "-out",
        files[1],
      ],
      { stdio: "ignore" },
    )
    const [key, cert] = files.map((file) => readFileSync(file))
    const server = createTlsServer({ key, cert }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const { levels, text } = await see(tls, { PUBLIC_URL: `https://localhost:${port}` })
    server.close()
    rmSync(folder, { recursive: true })
    assert.deepEqual(levels, ["fail"])
    assert.match(text, /self-signed certificate/)
  })

  it("reads the senders' DNS: MX, SPF, DKIM and DMARC, each broken in turn", async () => {
    const sane = ["ok mx", "ok spf", "ok dkim", "ok dmarc"]
    const { records } = sound
    const spf = `TXT ${DOMAIN}`
    const dkim = `TXT gatepost._domainkey.${DOMAIN}`
    const dmarc = "TXT _dmarc.acme-mail.dev"
    const cases: [of: string, level: string, record: string, texts: string[]][] = [
      ["mx", "warn", `MX ${DOMAIN}`, []],
      ["spf", "fail", spf, ["nothing of the kind"]],
      ["spf", "fail", spf, ["v=spf1 ~all", "v=spf1 -all"]],
      ["spf", "fail", spf, ["v=spf1 +all"]],
      ["spf", "fail", spf, [`v=spf1 ${"include:a.dev ".repeat(11)}-all`]],
      ["spf", "warn", spf, ["v=spf1 a mx"]],
      ["dkim", "fail", dkim, []],
      ["dkim", "fail", dkim, ["v=DKIM1; k=rsa; p="]],
      ["dkim", "fail", dkim, [(soundRecords()[dkim]?.[0] ?? "").replace("p=MIIB", "p=MIIC")]],
      ["dmarc", "warn", dmarc, []],
      ["dmarc", "warn", dmarc, ["v=DMARC1; p=none"]],
      ["dmarc", "fail", dmarc, ["v=DMARC1; p=reject", "v=DMARC1; p=none"]],
      ["dmarc", "fail", dmarc, ["v=DMARC1; rua=mailto:nobody@acme-mail.dev"]],
    ]
    const levelsOf = async () => (await see(dns)).levels.map((line) => line.replace(` ${DOMAIN}`, ""))
    assert.deepEqual(await levelsOf(), sane)
    for (const [of, level, record, texts] of cases) {
      Object.assign(records, soundRecords(), { [record]: texts })
      const expected = sane.map((line) => (line === `ok ${of}` ? `${level} ${of}` : line))
      assert.deepEqual(await levelsOf(), expected, `${record}: ${texts}`)
    }
    const unsigned = await see(dns, { DKIM_DOMAINS: "", DKIM_PRIVATE_KEY: "" })
    assert.ok(unsigned.levels.includes(`warn dkim ${DOMAIN}`))
  })
})
