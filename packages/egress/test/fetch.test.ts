import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createEgress, EgressRefused } from "#src/index.js"

// check 122
describe("a question to a place that somebody named", () => {
  const egress = createEgress({ allowLoopback: true })
  const servers: Server[] = []

  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections()
  })

  async function serving(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    servers.push(server)
    await once(server.listen(0, "127.0.0.1"), "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it("gets the answer: status, type and body", async () => {
    const url = await serving((req, res) => {
      const chunks: Buffer[] = []
      req.on("data", (chunk: Buffer) => chunks.push(chunk))
      req.on("end", () => {
        const asked = {
          method: req.method,
          type: req.headers["content-type"],
          body: Buffer.concat(chunks).toString(),
        }
        res
          .writeHead(201, { "Content-Type": "application/json", "Set-Cookie": "a=b" })
          .end(JSON.stringify(asked))
      })
    })
    const answer = await egress.fetch(url, { method: "POST", body: new URLSearchParams({ a: "b c" }) })
    assert.equal(answer.status, 201)
    assert.equal(answer.headers.get("content-type"), "application/json")
    assert.deepEqual(await answer.json(), {
      method: "POST",
      type: "application/x-www-form-urlencoded",
      body: "a=b+c",
    })
  })

  it("follows no redirect, and takes no more than 256 KiB", async () => {
    let asked = 0
    const inner = await serving((_req, res) => {
      asked += 1
      res.end()
    })
    const redirecting = await serving((_req, res) => void res.writeHead(302, { Location: inner }).end())
    assert.equal((await egress.fetch(redirecting)).status, 302)
    assert.equal(asked, 0)
    const endless = await serving((_req, res) => {
      const write = () => {
        while (res.write(Buffer.alloc(65_536)));
        res.once("drain", write)
      }
      write()
    })
    await assert.rejects(egress.fetch(endless), /more than 262144 bytes/)
  })

  it("is refused for private places, and fails where nobody answers", async () => {
    for (const url of ["https://10.0.0.1/", "http://rp.example/", "https://169.254.169.254/latest"]) {
      await assert.rejects(egress.fetch(url), EgressRefused)
    }
    const url = await serving((_req, res) => void res.destroy())
    await assert.rejects(egress.fetch(url))
    servers.at(-1)?.close()
  })
})
