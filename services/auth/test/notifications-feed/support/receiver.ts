import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Fact } from "@gatepost/contracts"
import { createVerifier, type Verifier } from "@gatepost/token-verifier"
import { z } from "zod"
import { PUBLIC_URL } from "../../support/setup.js"

/** The notifications API, as far as the auth service knows it. */
export interface Receiver {
  url: string
  /** What it took, in the order it came. */
  facts: Fact[]
  calls: number
  /** What it answers instead of taking anything. */
  refusal: number | undefined
  /** Facts that it will never take. */
  isRefused(fact: Fact): boolean
  /** From now on it takes nothing without a token of that service. */
  trust(authUrl: string): void
  close(): Promise<void>
}

const Body = z.object({ facts: z.array(Fact).min(1).max(100) })

export async function startReceiver(): Promise<Receiver> {
  let verifier: Verifier | undefined
  const server = createServer(async (req, res) => {
    receiver.calls++
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    if (receiver.refusal) return void res.writeHead(receiver.refusal).end()
    const caller = await verifier
      ?.verify(req.headers.authorization?.slice("Bearer ".length) ?? "")
      .catch(() => undefined)
    if (req.url !== "/v1/notifications/facts" || caller?.kind !== "service")
      return void res.writeHead(401).end()
    if (!caller.scopes.has("facts:write")) return void res.writeHead(403).end()
    const { facts } = Body.parse(JSON.parse(Buffer.concat(chunks).toString()))
    if (facts.some(receiver.isRefused)) return void res.writeHead(400).end()
    receiver.facts.push(...facts)
    res.writeHead(200).end("{}")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")

  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    facts: [],
    calls: 0,
    refusal: undefined,
    isRefused: () => false,
    trust(authUrl) {
      verifier = createVerifier({
        issuer: `${PUBLIC_URL}/oidc`,
        audience: PUBLIC_URL,
        jwksUrl: `${authUrl}/.well-known/jwks.json`,
      })
    },
    async close() {
      verifier?.close()
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return receiver
}
