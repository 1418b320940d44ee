import { createHash, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** A mail that the provider sends on. */
export interface ProvidedMail {
  key: string
  id: string
  body: Record<string, unknown>
}

/** How the next requests go wrong; `after` it has taken the mail, or `before`. */
export type ProviderFault =
  | { status: number; name?: string; headers?: Record<string, string> }
  | "hang up before"
  | "hang up after"
  | "500 after"

export interface MailProvider {
  /** `resend+http://:<key>@127.0.0.1:<port>` */
  readonly url: string
  /** What it sent on: one for each key, however often it was asked. */
  mails(): ProvidedMail[]
  /** How often it was asked. */
  requests(): number
  /** From now on, until told otherwise. */
  fail(fault: ProviderFault | undefined): void
  close(): Promise<void>
}

const API_KEY = "re_a_test_key"

/**
 * Behaves as Resend says that it does (https://resend.com/docs/dashboard/emails/idempotency-keys).
 *
 * @param options.maxAnswerMs how long it may think once it has a mail
 */
export async function mailProvider({ maxAnswerMs = 0 } = {}): Promise<MailProvider> {
  const known = new Map<string, { id: string; hash: string }>()
  const mails: ProvidedMail[] = []
  let fault: ProviderFault | undefined
  let requests = 0

  const server = createServer((req, res) => {
    requests++
    void handle(req, res)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const answer = (status: number, body: object, headers = {}) =>
      res.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body))
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    if (req.url !== "/emails" || req.method !== "POST") return void answer(404, { name: "not_found" })
    if (req.headers.authorization !== `Bearer ${API_KEY}`)
      return void answer(403, { name: "invalid_api_key" })
    if (fault === "hang up before") return void req.socket.destroy()
    if (typeof fault === "object") return void answer(fault.status, { name: fault.name }, fault.headers)

    const key = String(req.headers["idempotency-key"])
    const hash = createHash("sha256").update(text).digest("hex")
    const earlier = known.get(key)
    if (earlier && earlier.hash !== hash) return void answer(409, { name: "invalid_idempotent_request" })
    const id = earlier?.id ?? randomUUID()
    if (!earlier) {
      known.set(key, { id, hash })
      mails.push({ key, id, body: JSON.parse(text) })
    }
    if (maxAnswerMs > 0) await sleep(Math.random() * maxAnswerMs)
    if (fault === "hang up after") return void req.socket.destroy()
    if (fault === "500 after") return void answer(500, { name: "internal_server_error" })
    answer(200, { id })
  }

  return {
    url: `resend+http://:${API_KEY}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails: () => [...mails],
    requests: () => requests,
    fail(next) {
      fault = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
