import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { VerifierOptions } from "@gatepost/token-verifier"
import { listen, type Setup, setup } from "./setup.js"

const POLL_MS = 10

/** One connection of a verifier to the feed. */
export interface Follower {
  readonly headers: IncomingMessage["headers"]
  readonly response: ServerResponse
  readonly isOpen: () => boolean
  write(text: string): void
  revoke(seq: number, sessionId: string, expiresAt?: Date): void
  ping(seq: number): void
}

/** An auth service of which only the token endpoint and the feed are there. */
export interface FeedServer {
  readonly revocation: { clientId: string; clientSecret: string; tokenUrl: string; feedUrl: string }
  readonly tokenRequests: { headers: IncomingMessage["headers"]; body: string }[]
  readonly followers: Follower[]
  /** Waits for the nth connection, from 1. */
  follower(number: number): Promise<Follower>
  /** Instead of the feed. */
  answer: RequestListener | undefined
}

export async function startFeed(tokenLifetimeSeconds = 1800): Promise<FeedServer> {
  const origin = await listen((request, response) => {
    if (request.url === "/oidc/token") return void answerToken(request, response)
    if (feed.answer) return feed.answer(request, response)
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders()
    feed.followers.push(followerOf(request, response))
  })
  const feed: FeedServer = {
    revocation: {
      clientId: "back end",
      clientSecret: "s3cret:with%",
      tokenUrl: `${origin}/oidc/token`,
      feedUrl: `${origin}/v1/revocations`,
    },
    tokenRequests: [],
    followers: [],
    async follower(number) {
      await until(() => feed.followers.length >= number)
      return feed.followers[number - 1] as Follower
    },
    answer: undefined,
  }
  return feed

  async function answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ""
    for await (const chunk of request.setEncoding("utf8")) body += chunk
    feed.tokenRequests.push({ headers: request.headers, body })
    const access_token = `token-${feed.tokenRequests.length}`
    response.end(JSON.stringify({ access_token, expires_in: tokenLifetimeSeconds, token_type: "Bearer" }))
  }
}

function followerOf({ headers }: IncomingMessage, response: ServerResponse): Follower {
  const write = (text: string) => void response.write(text)
  return {
    headers,
    response,
    isOpen: () => !response.closed,
    write,
    revoke(seq, session_id, expiresAt = new Date(Date.now() + 3_900_000)) {
      const data = { seq, session_id, revoked_at: new Date(), expires_at: expiresAt }
      write(`id: ${seq}\nevent: revoked\ndata: ${JSON.stringify(data)}\n\n`)
    },
    ping: (seq) => write(`id: ${seq}\nevent: ping\ndata: {"seq":${seq}}\n\n`),
  }
}

export interface Followed extends Setup {
  readonly feed: FeedServer
  /** A token of this session. */
  tokenOf(sessionId: string): string
  /** Waits until a request with this token is answered so. */
  untilAnswered(token: string, status: number): Promise<void>
}

/** A resource server that follows a feed. */
export async function setupFollowed(
  revocation: Partial<NonNullable<VerifierOptions["revocation"]>> = {},
  tokenLifetimeSeconds?: number,
): Promise<Followed> {
  const feed = await startFeed(tokenLifetimeSeconds)
  const api = await setup({ revocation: { ...feed.revocation, ...revocation } })
  return {
    ...api,
    feed,
    tokenOf: (sid) => api.userToken({ sid }),
    untilAnswered: (token, status) => until(async () => (await api.get(token)).status === status),
  }
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
