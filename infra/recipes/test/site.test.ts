import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, cpSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import { connect } from "node:net"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { connect as connectTls } from "node:tls"
import { type ChildServer, freePort, needs, serverFolder, startServer, until } from "@gatepost/testkit"
import { inRoot, readText } from "./support/root.js"

describe("the site of a server, through a real nginx", () => {
  let nginx: ChildServer
  let service: Server
  let plain: number
  let secure: number

  before(async function () {
    needs(this, "nginx", ["-v"], "needs nginx: apt-get install nginx-light")
    needs(this, "openssl", ["version"], "needs openssl")
    const folder = serverFolder("site")
    chmodSync(folder, 0o755)
    cpSync(inRoot("infra/nginx"), path.join(folder, "gatepost"), { recursive: true })
    const made =
      "req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout privkey.pem -out fullchain.pem"
    spawnSync("openssl", made.split(" "), { cwd: folder })
    plain = await freePort()
    secure = await freePort()
    const upstream = await freePort()
    service = createServer().listen(upstream, "127.0.0.1")
    const site = readText("infra/nginx/site.conf")
      .replaceAll("DOMAINS", "localhost")
      .replaceAll("/etc/gatepost/tls", folder)
      .replaceAll("/var/log/nginx", folder)
      .replaceAll("/etc/nginx/gatepost", "gatepost")
      .replaceAll(/^ *listen \[::\].*$/gm, "")
      .replace("listen 80;", `listen 127.0.0.1:${plain};`)
      .replace("listen 443", `listen 127.0.0.1:${secure}`)
      .replaceAll("127.0.0.1:8001", `127.0.0.1:${upstream}`)
    const file = path.join(folder, "nginx.conf")
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    writeFileSync(
      file,
      `pid ${folder}/nginx.pid; error_log stderr crit; events { worker_connections 2048; }\nhttp {\n${temporary.join(" ")}\n${site}\n}`,
    )
    nginx = startServer("nginx", ["-c", file, "-g", "daemon off;"], folder)
    await until("nginx listens", async () => {
      const socket = connect(plain, "127.0.0.1")
      const came = await once(socket, "connect").catch(() => undefined)
      socket.destroy()
      return came !== undefined
    })
  })
  after(async () => {
    await nginx?.stop()
    service?.close()
  })

  const statusOf = async (method: string, headers: Record<string, string> = {}) => {
    const asked = request({ port: plain, host: "127.0.0.1", method, path: "/v1/auth/login", headers }).end()
    const [answer] = await once(asked, "response")
    answer.resume()
    return answer.statusCode
  }

  // check 1
  it("redirects no credentials to https: they were said in the clear", async () => {
    assert.equal(await statusOf("GET"), 308)
    assert.equal(await statusOf("HEAD"), 308)
    assert.equal(await statusOf("POST"), 403)
    assert.equal(await statusOf("GET", { authorization: "Bearer x" }), 403)
  })

  it("answers the next request on a connection, however early the one before was answered", async () => {
    const early = (_req: IncomingMessage, res: ServerResponse) => res.writeHead(503).end()
    service.on("request", early)
    const socket = connectTls({ port: secure, host: "127.0.0.1", rejectUnauthorized: false })
    for (let turn = 0; turn < 3; turn++) {
      socket.write("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{")
      await sleep(100)
      socket.write("}")
      const [said] = await once(socket, "data", { signal: AbortSignal.timeout(5_000) })
      assert.match(String(said), /^HTTP\/1\.1 503 /)
    }
    socket.destroy()
    service.off("request", early)
  })

  // R15
  it("holds no more than 256 requests of one address", async () => {
    const waiting: ServerResponse[] = []
    service.on("request", (_req, res) => waiting.push(res))
    const sockets = Array.from({ length: 260 }, () => {
      const socket = connectTls({ port: secure, host: "127.0.0.1", rejectUnauthorized: false })
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return socket
    })
    const answers = sockets.map(async (socket) => String((await once(socket, "data"))[0]).slice(9, 12))
    await until("256 are under way", async () => waiting.length === 256)
    for (const res of waiting) res.end()
    const statuses = await Promise.all(answers)
    assert.equal(statuses.filter((status) => status === "429").length, 4)
    for (const socket of sockets) socket.destroy()
  })
})
