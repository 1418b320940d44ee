import assert from "node:assert/strict"
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { openRedis } from "@gatepost/runtime/redis"
import { type ChildServer, freePort, startServer } from "@gatepost/testkit"

const run = promisify(execFile)
const RUNTIME = import.meta.resolve("@gatepost/runtime/redis")
// Certificates are trusted from the start of a process, or not at all: each client is one.
const CLIENT = `
  const { openRedis } = await import(${JSON.stringify(RUNTIME)})
  const client = openRedis(process.argv[1], "tell").on("error", (cause) => console.error(cause.message))
  await client.set("{a}", "by TLS")
  console.log(await client.get("{a}"))
  client.disconnect()`

describe("Redis by TLS", function () {
  this.timeout(60_000)
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-redis-tls-"))
  const certificate = path.join(folder, "cert.pem")
  const servers: ChildServer[] = []

  before(() => {
    const key = path.join(folder, "key.pem")
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    const request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext".split(" ")
    execFileSync("openssl", [...request, names, "-keyout", key, "-out", certificate], { stdio: "ignore" })
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.stop("SIGKILL")))
    rmSync(folder, { recursive: true, force: true })
  })

  /** One that speaks nothing but TLS, to clients and to its own kind. */
  const start = async (settings: string[], ...args: string[]): Promise<number> => {
    const port = await freePort()
    const file = path.join(folder, `${port}.conf`)
    const key = path.join(folder, "key.pem")
    const tls = [
      ...["port 0", `tls-port ${port}`, "bind 127.0.0.1", `dir ${folder}`, "tls-auth-clients no"],
      ...[`tls-cert-file ${certificate}`, `tls-key-file ${key}`, `tls-ca-cert-file ${certificate}`],
      ...["tls-replication yes", "tls-cluster yes"],
    ]
    writeFileSync(file, [...tls, ...settings, ""].join("\n"))
    servers.push(startServer("redis-server", [file, ...args]))
    await command(port, "PING", /PONG|NOAUTH/)
    return port
  }
  const command = async (port: number, words: string, answer: RegExp) => {
    const args = ["--tls", "--cacert", certificate, "-p", String(port), ...words.split(" ")]
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const { stdout } = await run("redis-cli", args).catch(() => ({ stdout: "" }))
      if (answer.test(stdout)) return
    }
    assert.fail(`${words} was not answered with ${answer.source}`)
  }
  const ask = async (url: string, ca = certificate) => {
    const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: ca }
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", CLIENT, url], {
      env,
      timeout: 20_000,
    })
    return stdout.trim()
  }

  it("carries commands to one server, with a password, and to nobody without a trusted certificate", async () => {
    const port = await start(["save ''", "requirepass p@ss"])
    const url = `rediss://:p%40ss@localhost:${port}`
    assert.equal(await ask(url), "by TLS")
    const client = openRedis(url, "fail").on("error", () => {})
    await assert.rejects(client.get("a"))
    client.disconnect()
    await assert.rejects(ask(url, "/dev/null"), /self-signed certificate/)
  })

  it("carries them to the primary that Sentinels name, by TLS as well", async () => {
    const primary = await start(["save ''"])
    const sentinel = await start([`sentinel monitor main 127.0.0.1 ${primary} 1`], "--sentinel")
    assert.equal(await ask(`rediss+sentinel://127.0.0.1:${sentinel}/main`), "by TLS")
  })

  it("carries them to a cluster", async () => {
    const bus = await freePort()
    const node = await start([
      "save ''",
      "cluster-enabled yes",
      `cluster-port ${bus}`,
      "cluster-announce-ip 127.0.0.1",
    ])
    await command(node, "CLUSTER ADDSLOTSRANGE 0 16383", /OK/)
    await command(node, "CLUSTER INFO", /cluster_state:ok/)
    assert.equal(await ask(`rediss+cluster://127.0.0.1:${node}`), "by TLS")
  })
})
