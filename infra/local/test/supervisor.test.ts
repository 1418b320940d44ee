import assert from "node:assert/strict"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import pg from "pg"
import { makeFolder, removeFolder } from "./support/folders.js"
import { type RunningGatepost, start, stop } from "./support/gatepost.js"
import { isAlive, until } from "./support/until.js"

/** The server's process id, from its pid file. */
function postgresOf(folder: string): number {
  return Number(readFileSync(path.join(folder, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0])
}

describe("npm start", () => {
  const folder = makeFolder()
  // Without the dev inbox, which other tests have: it takes half of the time.
  const migrations = makeFolder()
  const env = { DATA_DIR: folder, SMTP_URL: "smtp://127.0.0.1:1", FIXTURE_MIGRATIONS: migrations }
  let gatepost: RunningGatepost

  before(async () => {
    gatepost = await start(env)
  })
  after(async () => {
    await stop(gatepost)
    removeFolder(folder)
    removeFolder(migrations)
  })

  it("tells where everything is and what to try next", () => {
    const secret = readFileSync(path.join(folder, "secrets", "SERVICE_CLIENT_SECRET"), "utf8")
    const text = gatepost.output()
    for (const part of [gatepost.url(), "/docs", folder, `backend   ${secret}`, "/v1/auth/register"])
      assert.ok(text.includes(part), part)
    assert.ok(!text.includes("\u001b"))
  })

  it("gives each service its own database login, its own secrets and nothing of the others", async () => {
    const auth = await gatepost.ask("/env")
    const notifications = await gatepost.ask("/v1/notifications")

    const users = [auth, notifications].map(({ env }) => new URL(env.DATABASE_URL ?? "").username)
    assert.deepEqual(users, ["gatepost_auth", "gatepost_notifications"])
    assert.equal(auth.env.KEY_ENCRYPTION_SECRET?.length, 43)
    assert.equal(notifications.env.KEY_ENCRYPTION_SECRET, undefined)
    assert.equal(auth.env.PUBLIC_URL, gatepost.url())
    assert.match(
      auth.env.JWKS_URL ?? "",
      new RegExp(`:${new URL(gatepost.url()).port}/.well-known/jwks.json$`),
    )
    assert.equal(auth.env.TRUSTED_PROXY_HOPS, "1")

    const client = new pg.Client(auth.env.DATABASE_URL)
    await client.connect()
    const { rows } = await client.query("select current_user, current_database()")
    assert.deepEqual(rows, [{ current_user: "gatepost_auth", current_database: "gatepost" }])
    await assert.rejects(client.query("create schema mine"), /permission denied/)
    await client.end()
  })

  it("keeps secrets from other users", () => {
    for (const file of [
      "secrets/KEY_ENCRYPTION_SECRET",
      "secrets/gatepost_auth.password",
      "postgres/password",
    ])
      assert.equal(statSync(path.join(folder, file)).mode & 0o777, 0o600, file)
  })

  it("starts a second time with the same secrets and data, after a Ctrl-C that ended all of it", async () => {
    const before = await gatepost.ask("/")
    const postgres = postgresOf(folder)

    assert.equal(await stop(gatepost), 0)
    assert.equal(isAlive(before.pid), false)
    assert.equal(isAlive(postgres), false)

    gatepost = await start(env)
    const after = await gatepost.ask("/")
    assert.equal(after.env.KEY_ENCRYPTION_SECRET, before.env.KEY_ENCRYPTION_SECRET)
    const password = ({ env }: typeof after) => new URL(env.DATABASE_URL ?? "").password
    assert.equal(password(after), password(before))
    assert.match(before.env.AUTH_ADMIN_PORT ?? "", /^[1-9]/)
    assert.equal(after.env.AUTH_ADMIN_PORT, before.env.AUTH_ADMIN_PORT)
  })

  it("migrates when a migration is new or a schema is gone, and not otherwise", async function () {
    // Three stops and starts of everything.
    this.timeout(60_000)
    const restart = async () => {
      await stop(gatepost)
      gatepost = await start(env)
    }
    const runs = async () => {
      const { env: given } = await gatepost.ask("/")
      const client = new pg.Client(given.DATABASE_URL)
      await client.connect()
      const { rows } = await client.query("select count(*)::int from fixture.runs")
      await client.end()
      return rows[0].count
    }

    const before = await runs()
    await restart()
    assert.equal(await runs(), before)
    writeFileSync(path.join(migrations, "0002_new.up.sql"), "select 1;")
    await restart()
    assert.equal(await runs(), before + 1)

    const password = readFileSync(path.join(folder, "postgres", "password"), "utf8")
    const owner = new URL((await gatepost.ask("/")).env.DATABASE_URL ?? "")
    const client = new pg.Client(Object.assign(owner, { username: "gatepost", password }).href)
    await client.connect()
    await client.query("drop schema fixture cascade")
    await client.end()
    await restart()
    assert.equal(await runs(), 1)
  })

  it("runs an example behind its own path, and not where EXAMPLES is empty", async () => {
    const path = "/social-battery/somebody"
    assert.equal((await gatepost.ask(path)).name, "example")
    assert.match(gatepost.output(), /Example +social-battery +.*\/social-battery\/openapi.json/)

    await stop(gatepost)
    gatepost = await start({ ...env, EXAMPLES: "" })
    assert.equal((await gatepost.ask(path)).name, "auth")
    assert.doesNotMatch(gatepost.output(), /Example/)
  })

  it("shows a repeated warning of a service in one line, and logs each", async () => {
    const logged = () =>
      readFileSync(path.join(folder, "logs", "auth.log"), "utf8")
        .trim()
        .split("\n")
    await gatepost.ask("/warn")
    await gatepost.ask("/warn")
    await until(() => logged().length === 2)
    assert.deepEqual(
      logged().map((line) => JSON.parse(line)),
      Array(2).fill({ level: 40, msg: "the relay is slow" }),
    )
    assert.equal(gatepost.output().split("warn  auth  the relay is slow\n").length, 2)
  })

  it("starts a crashed service again, and says so in one line", async () => {
    const before = await gatepost.ask("/")
    await assert.rejects(gatepost.get("/crash").then((response) => response.ok || Promise.reject()))

    const after = await until(async () => {
      const response = await gatepost.get("/")
      return response.ok && ((await response.json()) as { pid: number })
    })
    assert.notEqual(after.pid, before.pid)
    assert.match(
      gatepost.output(),
      /auth ended by itself \(exit code 3\), starting again in 0.2 s; see .*auth.log/,
    )
  })

  it("after a kill -9 leaves no service behind, and the next start joins the database and ends it", async () => {
    const services = [await gatepost.ask("/"), await gatepost.ask("/v1/notifications")]
    const postgres = postgresOf(folder)
    gatepost.signal("SIGKILL")
    await gatepost.ended
    await until(() => services.every(({ pid }) => !isAlive(pid)))
    assert.equal(isAlive(postgres), true)

    gatepost = await start(env)
    assert.equal(postgresOf(folder), postgres)
    await stop(gatepost)
    assert.equal(isAlive(postgres), false)
  })

  it("kills after four seconds what does not end by itself", async () => {
    gatepost = await start({ ...env, FIXTURE_STUBBORN: "notifications" })
    const { pid } = await gatepost.ask("/v1/notifications")
    const postgres = postgresOf(folder)

    assert.equal(await stop(gatepost), 0)
    await until(() => !isAlive(pid))
    assert.equal(isAlive(postgres), false)
  })

  it("ends at once on a second Ctrl-C, and loses nothing by that", async () => {
    gatepost = await start(env)
    const { pid } = await gatepost.ask("/")
    const postgres = postgresOf(folder)
    gatepost.signal("SIGINT")
    gatepost.signal("SIGINT")

    await gatepost.ended
    await until(() => !isAlive(pid) && !isAlive(postgres))
    gatepost = await start(env)
    assert.equal((await gatepost.get("/")).status, 200)
  })
})
