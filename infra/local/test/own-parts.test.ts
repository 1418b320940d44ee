import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import path from "node:path"
import { type LocalPostgres, startPostgres } from "#src/index.js"
import { freePort } from "#src/ports.js"
import { makeFolder, removeFolder } from "./support/folders.js"
import { type Echo, type RunningGatepost, start, stop } from "./support/gatepost.js"

const SECRET = "c2VjcmV0IG9mIGF0IGxlYXN0IDMyIGNoYXJhY3RlcnM"

describe("npm start with a database, a mail server and secrets of one's own", () => {
  const folder = makeFolder()
  let server: LocalPostgres
  let gatepost: RunningGatepost | undefined
  let port: number

  before(async () => {
    server = await startPostgres({ dir: path.join(folder, "elsewhere"), settings: { fsync: "off" } })
    port = await freePort()
    gatepost = await start({
      PORT: String(port),
      DATA_DIR: path.join(folder, "data"),
      DATABASE_URL: server.url("postgres"),
      SMTP_URL: "smtp://mail.test:25",
      PUBLIC_URL: "https://id.example.com",
      KEY_ENCRYPTION_SECRET: SECRET,
      SERVICE_CLIENT_SECRET: SECRET.toUpperCase(),
    })
  })
  after(async () => {
    await stop(gatepost)
    await server.stop("immediate")
    removeFolder(folder)
  })

  it("passes them on, and makes only what was not given", async () => {
    const { env } = (await (await fetch(`http://localhost:${port}/`)).json()) as {
      env: Record<string, string>
    }
    assert.equal(env.DATABASE_URL, server.url("postgres"))
    assert.equal(env.SMTP_URL, "smtp://mail.test:25")
    assert.equal(env.PUBLIC_URL, "https://id.example.com")
    assert.equal(env.JWKS_URL, `http://127.0.0.1:${port}/.well-known/jwks.json`)
    assert.equal(env.KEY_ENCRYPTION_SECRET, SECRET)

    const made = readdirSync(path.join(folder, "data", "secrets")).sort()
    assert.deepEqual(made, [
      "COOKIE_SECRET",
      "IDEMPOTENCY_SECRET",
      "MAIL_ENCRYPTION_SECRET",
      "REFRESH_TOKEN_SECRET",
      "VAPID_PRIVATE_KEY",
    ])
  })

  it("runs no example in a database that is somebody's", async () => {
    const { name } = (await (await fetch(`http://localhost:${port}/social-battery/x`)).json()) as Echo
    assert.equal(name, "auth")
    assert.doesNotMatch(gatepost?.output() ?? "Example social", /Example +social/)
  })

  it("greets without a secret that was given, and without an inbox", () => {
    assert.ok(!gatepost?.output().includes(SECRET.toUpperCase()))
    assert.doesNotMatch(gatepost?.output() ?? "inbox", /inbox/i)
  })

  it("leaves that database running when it stops", async () => {
    assert.equal(await stop(gatepost), 0)
    assert.equal((await startPostgres({ dir: path.join(folder, "elsewhere") })).reused, true)
  })
})
