import assert from "node:assert/strict"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createClient, memoryStorage } from "#src/index.js"

const listen = async (answer: RequestListener): Promise<{ server: Server; url: string }> => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe("a redirect", () => {
  it("never carries a password elsewhere", async () => {
    let strangers = 0
    const elsewhere = await listen((_req, res) => {
      strangers++
      res.end("{}")
    })
    const portal = await listen((_req, res) => res.writeHead(307, { location: elsewhere.url }).end())
    const client = createClient({ baseUrl: portal.url, storage: memoryStorage(), timeoutMs: 500 })
    await assert.rejects(client.forgotPassword({ email: "ada@example.com" }), { name: "NetworkError" })
    assert.equal(strangers, 0)
    for (const { server } of [elsewhere, portal]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
