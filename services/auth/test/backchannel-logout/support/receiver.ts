import { once } from "node:events"
import http, { type IncomingMessage, type ServerResponse } from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { until } from "@gatepost/testkit"
import { certificate, privateKey } from "./certificate.js"

/** A logout token as it arrived. */
export interface Arrival {
  clientId: string
  contentType: string | undefined
  form: URLSearchParams
  /** Unchecked. */
  claims: Record<string, unknown>
}

/** What an app answers: a status, or whatever is done with the response by hand. */
export type Answer = number | ((res: ServerResponse) => void)

/** The back ends of apps, at one place: each is told of logouts at a path of its own. */
export interface Receiver {
  uriOf(clientId: string): string
  /** Everything that came, the oldest first. */
  arrivals: Arrival[]
  of(clientId: string): Arrival[]
  /** From now on; 200 until then. */
  answer(clientId: string, answer: Answer): void
  /** Waits until a client was told that often. */
  told(clientId: string, times: number): Promise<Arrival[]>
  stop(): Promise<void>
}

/** @param scheme with `https`, its certificate is the one of `certificate.ts` */
export async function startReceiver(scheme: "http" | "https" = "http"): Promise<Receiver> {
  const arrivals: Arrival[] = []
  const answers = new Map<string, Answer>()
  const listener = (req: IncomingMessage, res: ServerResponse) => void receive(req, res)
  const server =
    scheme === "http"
      ? http.createServer(listener)
      : https.createServer({ cert: certificate, key: privateKey }, listener)
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo

  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const clientId = req.url?.split("/").at(-1) ?? ""
    const form = new URLSearchParams(await text(req))
    arrivals.push({ clientId, contentType: req.headers["content-type"], form, claims: claimsOf(form) })
    const answer = answers.get(clientId) ?? 200
    if (typeof answer === "number") res.writeHead(answer).end()
    else answer(res)
  }
  const of = (clientId: string) => arrivals.filter((arrival) => arrival.clientId === clientId)

  return {
    arrivals,
    of,
    uriOf: (clientId) => `${scheme}://localhost:${port}/logout/${clientId}`,
    answer: (clientId, answer) => void answers.set(clientId, answer),
    async told(clientId, times) {
      await until(`${clientId} is told ${times} times`, () => of(clientId).length >= times)
      return of(clientId)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const claimsOf = (form: URLSearchParams) =>
  JSON.parse(Buffer.from(form.get("logout_token")?.split(".")[1] ?? "", "base64url").toString())
