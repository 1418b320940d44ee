import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import path from "node:path"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { type LocalPostgres, startPostgres } from "#src/index.js"
import { makeFolder, removeFolder } from "./support/folders.js"
import { until } from "./support/until.js"

const STARTER = fileURLToPath(new URL("./fixtures/start-postgres.js", import.meta.url))
const FAST = { fsync: "off", full_page_writes: "off" }

async function ask(server: LocalPostgres, sql: string): Promise<Record<string, string>> {
  const client = new pg.Client(server.url("postgres"))
  await client.connect()
  try {
    return (await client.query(sql)).rows[0]
  } finally {
    await client.end()
  }
}

/** Leaves a folder as a killed machine does: with the pid file of a server that no longer runs. */
async function leavePidFile(dir: string, pid: number): Promise<void> {
  const pidFile = path.join(dir, "data", "postmaster.pid")
  const server = await startPostgres({ dir, settings: FAST })
  const lines = readFileSync(pidFile, "utf8").split("\n")
  await server.stop("fast")
  writeFileSync(pidFile, [pid, ...lines.slice(1)].join("\n"))
}

describe("the built-in PostgreSQL", () => {
  const dir = makeFolder()
  after(() => removeFolder(dir))

  it("starts in an empty folder: UTF-8, UTC, loopback with a password, no Unix socket", async () => {
    const server = await startPostgres({ dir, settings: FAST })

    assert.equal(server.reused, false)
    const row = await ask(
      server,
      `select current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
              current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
              current_setting('unix_socket_directories') as sockets,
              (select concat(datlocprovider, ' ', datlocale) from pg_database where datname = 'postgres') as locale`,
    )
    assert.deepEqual(row, {
      encoding: "UTF8",
      zone: "UTC",
      addresses: "127.0.0.1",
      fsync: "off",
      sockets: "",
      locale: "b C.UTF-8",
    })
    const stranger = new pg.Client(server.url("postgres", { name: "gatepost", password: "guessed" }))
    await assert.rejects(stranger.connect(), /password authentication failed/)
  })

  it("is joined by a second start, and keeps its data over a stop", async () => {
    const first = await startPostgres({ dir })
    await ask(first, "create table kept (x int)")
    const second = await startPostgres({ dir })
    assert.equal(second.reused, true)
    assert.equal(second.port, first.port)

    await second.stop("fast")
    await assert.rejects(ask(first, "select 1"), /ECONNREFUSED/)
    const third = await startPostgres({ dir })
    assert.equal(third.reused, false)
    assert.deepEqual(await ask(third, "select count(*) from kept"), { count: "0" })
    await third.stop("fast")
    await third.stop("fast")
  })

  it("starts over the pid file of a dead server", async () => {
    const dead = spawn(process.execPath, ["-e", ""])
    await once(dead, "exit")
    await leavePidFile(dir, dead.pid ?? 0)

    const server = await startPostgres({ dir })
    assert.equal(server.reused, false)
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await server.stop("fast")
  })

  it("starts over a pid file whose number has gone to another program", async () => {
    await leavePidFile(dir, process.pid)

    const server = await startPostgres({ dir })
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await server.stop("fast")
  })

  it("starts over a pid file whose number has gone to another PostgreSQL", async () => {
    const otherDir = makeFolder()
    const other = await startPostgres({ dir: otherDir, settings: FAST })
    await leavePidFile(
      dir,
      Number(readFileSync(path.join(otherDir, "data", "postmaster.pid"), "utf8").split("\n")[0]),
    )

    const server = await startPostgres({ dir })
    assert.notEqual(server.port, other.port)
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await Promise.all([server.stop("fast"), other.stop("immediate")])
    removeFolder(otherDir)
  })

  it("takes another port when the wanted one is taken", async () => {
    const occupant = createServer().listen(0, "127.0.0.1")
    await until(() => occupant.listening)
    const { port } = occupant.address() as { port: number }

    const server = await startPostgres({ dir, port })
    assert.notEqual(server.port, port)
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await server.stop("fast")
    occupant.close()
  })

  it("names DATABASE_URL when the data is of another version", async () => {
    const other = makeFolder()
    mkdirSync(path.join(other, "data"))
    writeFileSync(path.join(other, "data", "PG_VERSION"), "15\n")

    await assert.rejects(startPostgres({ dir: other }), /made by PostgreSQL 15, .* set DATABASE_URL/)
    removeFolder(other)
  })
})

describe("the built-in PostgreSQL, started by several and killed", () => {
  const dir = makeFolder()
  after(() => removeFolder(dir))

  it("starts after a kill -9 in the middle of initdb, and sweeps what that left", async () => {
    const starter = spawn(process.execPath, [STARTER, dir], { stdio: "ignore" })
    await until(() => readdirSync(dir).some((name) => /^data\.init\.\w+$/.test(name)))
    starter.kill("SIGKILL")

    const server = await startPostgres({ dir, settings: FAST })
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await server.stop("fast")
    await until(async () => {
      await (await startPostgres({ dir, settings: FAST })).stop("fast")
      return !readdirSync(dir).some((name) => name.startsWith("data.init."))
    })
  })

  it("is one server for four processes that start it at once", async () => {
    removeFolder(path.join(dir, "data"))
    const ports = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const starter = spawn(process.execPath, [STARTER, dir], { stdio: ["ignore", "pipe", "inherit"] })
        let output = ""
        for await (const chunk of starter.stdout) output += chunk
        return output.trim()
      }),
    )

    const server = await startPostgres({ dir })
    assert.equal(server.reused, true)
    assert.deepEqual(new Set(ports), new Set([String(server.port)]))
    assert.deepEqual(await ask(server, "select 1 as one"), { one: 1 })
    await server.stop("immediate")
  })

  it("as root, refuses a folder that the database's user can't reach", async function () {
    if (process.getuid?.() !== 0) return this.skip() // only root is anybody else than the database's user
    const closed = path.join(dir, "closed")
    mkdirSync(closed)
    chmodSync(closed, 0o700)

    await assert.rejects(
      startPostgres({ dir: path.join(closed, "postgres") }),
      /can't reach .*: set DATA_DIR/,
    )
  })
})
