import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import path from "node:path"
import { makeFolder, removeFolder } from "./support/folders.js"
import { launch, start, stop } from "./support/gatepost.js"
import { until } from "./support/until.js"

describe("npm start refuses in one sentence, with exit code 1 and nothing left running:", () => {
  const folder = makeFolder()
  const base = { DATA_DIR: folder, SMTP_URL: "smtp://127.0.0.1:1" }
  after(() => removeFolder(folder))

  /** @returns all that was said */
  async function refused(env: Record<string, string>): Promise<string> {
    const gatepost = launch(env)
    assert.equal(await gatepost.ended, 1, gatepost.output())
    assert.equal(existsSync(path.join(folder, "postgres", "data", "postmaster.pid")), false)
    return gatepost.output().trim()
  }

  async function occupy(): Promise<{ port: string; free(): void }> {
    const server = createServer().listen(0, "127.0.0.1")
    await until(() => server.listening)
    const { port } = server.address() as { port: number }
    return { port: String(port), free: () => void server.close() }
  }

  it("PORT is in use", async () => {
    const { port, free } = await occupy()
    assert.equal(
      await refused({ ...base, PORT: port }),
      `PORT ${port} is in use by another program: set PORT to a free one`,
    )
    free()
  })

  it("INBOX_PORT is in use", async () => {
    const { port, free } = await occupy()
    assert.equal(
      await refused({ DATA_DIR: folder, INBOX_PORT: port }),
      `INBOX_PORT ${port} is in use by another program: set INBOX_PORT to a free port`,
    )
    free()
  })

  it("bad values, each named", async () => {
    const said = await refused({
      ...base,
      PORT: "eighty",
      LOG_LEVEL: "loud",
      COOKIE_SECRET: "a".repeat(40),
      REDIS_URL: "x",
      EXAMPLES: "social-battery,chess",
    })
    assert.deepEqual(
      said
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort(),
      ["COOKIE_SECRET", "EXAMPLES", "LOG_LEVEL", "PORT", "REDIS_URL"],
    )
  })

  it("DATABASE_URL leads nowhere", async () => {
    const { port, free } = await occupy()
    free()
    const said = await refused({ ...base, DATABASE_URL: `postgres://me:hush@127.0.0.1:${port}/x` })
    assert.equal(
      said,
      `DATABASE_URL: no usable PostgreSQL at 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port})`,
    )
  })

  it("REDIS_URL leads nowhere", async () => {
    const { port, free } = await occupy()
    free()
    assert.equal(
      await refused({ ...base, REDIS_URL: `redis://:hush@127.0.0.1:${port}` }),
      `REDIS_URL: no Redis at 127.0.0.1:${port} (ECONNREFUSED)`,
    )
  })

  it("DATA_DIR can't be written", async () => {
    assert.match(
      await refused({ ...base, DATA_DIR: "/dev/null/x" }),
      /^DATA_DIR \/dev\/null\/x can't be written/,
    )
  })

  it("production without what production needs", async () => {
    const said = await refused({ NODE_ENV: "production", DATA_DIR: folder })
    assert.match(
      said,
      /^NODE_ENV=production refuses .* needs PUBLIC_URL, DATABASE_URL, SMTP_URL, KEY_ENCRYPTION_SECRET/,
    )
    assert.equal(said.split("\n").length, 1)
  })

  it("a service that can't start, in the one sentence that it said", async () => {
    const said = await refused({ ...base, FIXTURE_FAILS: "notifications" })
    assert.match(said, /^notifications did not start: GREETING_SECRET is needed.*\n?$/)
  })

  it("a second one in the same folder; the first goes on", async () => {
    const first = await start(base)
    const second = launch(base)
    assert.equal(await second.ended, 1)
    assert.ok(
      second
        .output()
        .startsWith(`Gatepost is already running here at ${first.url()} (process ${first.pid}).`),
    )
    assert.equal((await first.get("/")).status, 200)
    await stop(first)
  })

  it("one of two that start at the same time", async () => {
    const both = [launch(base), launch(base)]
    const loser = await Promise.race(
      both.map(async (gatepost) => ((await gatepost.ended) === 1 ? gatepost : undefined)),
    )
    assert.match(loser?.output() ?? "", /^Gatepost is already running here .*\(process \d+\)/)
    const winner = both.find((gatepost) => gatepost !== loser)
    await until(() => winner?.output().includes("Gatepost is ready"))
    assert.equal(winner && (await stop(winner)), 0)
  })

  it("a service that crashes again and again", async () => {
    const gatepost = await start(base)
    const { pid } = await gatepost.ask("/")
    for (let crashes = 0; crashes < 5; crashes++) {
      await until(async () => (await gatepost.get("/").catch(() => undefined))?.ok)
      await gatepost.get("/crash").catch(() => {})
    }
    assert.equal(await gatepost.ended, 1)
    assert.match(gatepost.output(), /auth ended by itself \(exit code 3\), giving up; see .*auth.log\n$/)
    assert.ok(pid)
  })
})
