import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** What the auth service publishes, on a server of its own: its keys, until they are taken away. */
export interface KeyServer {
  url: string
  /** Whether it answers with its keys, or 503. */
  up: boolean
  fetches: number
  close(): Promise<void>
}

export async function startKeyServer(jwks: readonly object[], up = true): Promise<KeyServer> {
  const server = createServer((_req, res) => {
    running.fetches++
    if (running.up)
      res.setHeader("Content-Type", "application/jwk-set+json").end(JSON.stringify({ keys: jwks }))
    else res.writeHead(503).end()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const running: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    up,
    fetches: 0,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return running
}
