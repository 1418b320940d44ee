import { createHash, timingSafeEqual } from "node:crypto"
import { createBullBoard } from "@bull-board/api"
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter"
import { ExpressAdapter } from "@bull-board/express"
import { type Lane, lanes, queueName } from "@gatepost/contracts"
import type { Jobs } from "@gatepost/mail-queue"
import { type RequestHandler, Router } from "express"

export const BOARD_PATH = "/board"

type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0]

const USER = "backend"

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

/**
 * Bull Board for the three queues, to look at and no more: what is decided about mails is decided about their
 * rows. A browser can't send a bearer token, so it asks for the service secret by HTTP Basic (ADR 0017).
 */
export function createBoard(jobs: Jobs, password: string): Router {
  // Its types know BullMQ on Redis alone; it works with both.
  const queueOf = (lane: Lane) => jobs.queue(queueName(lane)) as unknown as BoardQueue
  const serverAdapter = new ExpressAdapter()
  serverAdapter.setBasePath(BOARD_PATH)
  createBullBoard({
    queues: lanes.map((lane) => new BullMQAdapter(queueOf(lane), { readOnlyMode: true })),
    serverAdapter,
    options: { uiConfig: { boardTitle: "Mail queues" } },
  })
  return Router().use(readOnly, basicAuth(USER, password), pagePolicy, serverAdapter.getRouter())
}

const readOnly: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD") return next()
  res.status(405).set("Allow", "GET, HEAD").end()
}

const pagePolicy: RequestHandler = (_req, res, next) => {
  res.set("Content-Security-Policy", CONTENT_SECURITY_POLICY)
  next()
}

/** RFC 7617. */
function basicAuth(user: string, password: string): RequestHandler {
  const expected = digest(`Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`)
  return (req, res, next) => {
    if (timingSafeEqual(digest(req.headers.authorization ?? ""), expected)) return next()
    res.status(401).set("WWW-Authenticate", 'Basic realm="gatepost mail", charset="UTF-8"').end()
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest()
