import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { measureLogouts } from "#src/logout-subject.js"

describe("the time from logout to refusal", () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  it("is that of the last resource server to refuse, whoever logs out", async () => {
    const { stage, signedOut } = await stageWith([0, 60])
    const { count, p50Ms = 0 } = await measureLogouts(stage, 3)
    assert.equal(count, 3)
    assert.equal(signedOut.size, 3)
    assert.ok(p50Ms >= 59, `${p50Ms} ms`)
  })

  it("is not measured with a token that was refused before", async () => {
    const { stage, signedOut } = await stageWith([0])
    signedOut.set("Bearer token 1", 0)
    await assert.rejects(measureLogouts(stage, 1), /a live token was answered 401/)
  })

  it("fails with the load that keeps the server busy", async () => {
    const { stage } = await stageWith([0])
    const load = { run: () => Promise.reject(new Error("the load was refused")) }
    await assert.rejects(measureLogouts({ ...stage, load }, 1), /the load was refused/)
  })

  /** @param delays after which each resource server hears of a logout, in ms */
  async function stageWith(delays: number[]) {
    const signedOut = new Map<string | undefined, number>()
    const auth = await serve((req, res) => {
      signedOut.set(req.headers.authorization, performance.now())
      res.end("{}")
    })
    const resourceServer = (delayMs: number) =>
      serve((req, res) => {
        const since = signedOut.get(req.headers.authorization) ?? Number.POSITIVE_INFINITY
        res.writeHead(performance.now() - since >= delayMs ? 401 : 200).end("{}")
      })
    let tokens = 0
    const stage = {
      auth,
      resourceServers: await Promise.all(delays.map(resourceServer)),
      signIn: async () => `token ${++tokens}`,
      load: { run: (seconds: number) => sleep(1, { count: 0, seconds }) },
    }
    return { stage, signedOut }
  }

  async function serve(listener: RequestListener) {
    const server = createServer(listener).listen(0, "127.0.0.1")
    servers.push(server)
    await once(server, "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { url, pid: process.pid, stop: async () => {} }
  }
})
