import assert from "node:assert/strict"
import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { until } from "@gatepost/testkit"
import { askForToken } from "../../support/service-client.js"
import type { AuthProcess } from "../../support/setup.js"

export interface RevocationItem {
  seq: number
  session_id: string
  revoked_at: string
  expires_at: string
}

export interface FeedPage {
  items: RevocationItem[]
  next_cursor: string | null
}

/** As a logout does it, for transactions that a test holds open. */
export const END_OF_SESSION =
  "update auth.sessions set revoked_at = now(), revoked_because = 'logout' where id = ?"

/** An access token of the service client with this scope. */
export async function tokenFor(auth: AuthProcess, scope = "revocations:read"): Promise<string> {
  const answer = await askForToken(auth, { grant_type: "client_credentials", scope })
  assert.equal(answer.status, 200, answer.text)
  return answer.body.access_token
}

/** Asks for a page of the feed. */
export const askForPage = (
  { http }: AuthProcess,
  token: string,
  query: Record<string, string | number> = {},
) => http.get("/v1/revocations").query(query).set("Authorization", `Bearer ${token}`)

/** Everything in the feed, in pages of this size. */
export async function readAll(auth: AuthProcess, token: string, limit = 100): Promise<RevocationItem[]> {
  const items: RevocationItem[] = []
  let after: string | null = "0"
  while (after !== null) {
    const { body, status, text } = await askForPage(auth, token, { after, limit })
    assert.equal(status, 200, text)
    const page = body as FeedPage
    assert.ok(page.items.length <= limit)
    items.push(...page.items)
    after = page.next_cursor
  }
  return items
}

export interface StreamEvent {
  id?: string
  event?: string
  data?: string
  retry?: string
}

export interface Stream {
  status: number
  headers: IncomingMessage["headers"]
  events: StreamEvent[]
  /** The sessions that it told of, in order. */
  sessions(): string[]
  /** Waits for the first event of this type. */
  first(type: string): Promise<StreamEvent>
  hasEnded(): boolean
  close(): void
}

/** Follows the feed; the connection is not kept, nor read faster than asked. */
export async function openStream(
  auth: AuthProcess,
  token: string,
  headers: Record<string, string> = {},
  path = "/v1/revocations",
): Promise<Stream> {
  const sent = request(`${auth.url}${path}`, {
    agent: false,
    headers: { Accept: "text/event-stream", Authorization: `Bearer ${token}`, ...headers },
  }).end()
  const [response] = (await once(sent, "response")) as [IncomingMessage]
  const events: StreamEvent[] = []
  let ended = false
  let rest = ""
  response.setEncoding("utf8").on("data", (chunk: string) => {
    const blocks = (rest + chunk).split("\n\n")
    rest = blocks.pop() ?? ""
    events.push(...blocks.map(readEvent))
  })
  response
    .on("error", () => {})
    .on("close", () => {
      ended = true
    })
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    sessions: () =>
      events.filter(({ event }) => event === "revoked").map(({ data }) => JSON.parse(data ?? "").session_id),
    async first(type) {
      await until(`an event ${type}`, () => events.some(({ event }) => event === type))
      return events.find(({ event }) => event === type) as StreamEvent
    },
    hasEnded: () => ended,
    close: () => void sent.destroy(),
  }
}

const readEvent = (block: string): StreamEvent =>
  Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)))

/** The session that an access token speaks for. */
export const sessionOf = (accessToken: string): string =>
  JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString()).sid
