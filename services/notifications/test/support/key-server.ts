import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What the auth service publishes, on a server of its own: its keys, until they are taken away, and revocations. */
export interface KeyServer {
  url: string
  /** Whether it answers with its keys, or 503. */
  up: boolean
  fetches: number
  /** Tells all who follow that this session is no more. */
  revoke(sessionId: string): void
  /** How many follow the revocations. */
  followers(): number
  close(): Promise<void>
}

export async function startKeyServer(jwks: readonly object[], up = true): Promise<KeyServer> {
  const followers = new Set<ServerResponse>()
  const tell = (text: string) => {
    for (const follower of followers) follower.write(text)
  }
  const server = createServer((req, res) => {
    if (req.url === "/oidc/token") {
      const token = { access_token: "a-client-token", token_type: "Bearer", expires_in: 600 }
      return void res.setHeader("Content-Type", "application/json").end(JSON.stringify(token))
    }
    if (req.url === "/v1/revocations") {
      res.writeHead(200, { "Content-Type": "text/event-stream" }).write(PING)
      return void followers.add(res)
    }
    running.fetches++
    if (running.up)
      res.setHeader("Content-Type", "application/jwk-set+json").end(JSON.stringify({ keys: jwks }))
    else res.writeHead(503).end()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const pings = setInterval(tell, 2_000, PING)
  const running: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    up,
    fetches: 0,
    revoke(sessionId) {
      const expires_at = new Date(Date.now() + 1_800_000).toISOString()
      tell(`id: 1\nevent: revoked\ndata: ${JSON.stringify({ session_id: sessionId, expires_at })}\n\n${PING}`)
    },
    followers: () => followers.size,
    async close() {
      clearInterval(pings)
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return running
}

const PING = 'id: 1\nevent: ping\ndata: {"seq":1}\n\n'
