import type { Fetch } from "#src/index.js"
import { type ModelRequest, problem, type ServerModel } from "./server-model.js"
import type { VirtualTime } from "./virtual-time.js"

/** What becomes of one request on its way. */
export type Weather =
  | { kind: "clear"; latencyMs?: number }
  /** The connection breaks: on the way there, or once the server has acted. */
  | { kind: "lost-before" | "lost-after" }
  /** The same, and nobody is told. */
  | { kind: "silent-before" | "silent-after" }
  /** Something between here and the server answers itself. */
  | { kind: "answered-by-other"; status: number; body: string; headers?: Record<string, string> }
  /** The server's answer is replaced by such a one on its way back. */
  | { kind: "replaced"; status: number; body: string }

const PAGE = "<!doctype html><title>Sorry</title>"

export const clear: Weather = { kind: "clear" }
export const offline: Weather = { kind: "lost-before" }
export const badGateway: Weather = { kind: "replaced", status: 502, body: PAGE }
export const captivePortal: Weather = { kind: "answered-by-other", status: 200, body: PAGE }
export const portalRedirect: Weather = {
  kind: "answered-by-other",
  status: 302,
  body: "",
  headers: { location: "http://portal.example/login" },
}

/** Our own refusals to work just now. */
export const refusing = (status: number, code: string, retryAfter?: string): Weather => ({
  kind: "answered-by-other",
  status,
  body: JSON.stringify(problem(status, code).body),
  ...(retryAfter && { headers: { "retry-after": retryAfter } }),
})

export interface SentRequest extends ModelRequest {
  at: number
  signal: AbortSignal | null | undefined
}

export interface Network {
  fetch: Fetch
  /** All that was sent, the oldest first. */
  sent: SentRequest[]
  sentTo(path: string): SentRequest[]
  /** Asked for each request. */
  weather: (request: SentRequest) => Weather
}

/** A `fetch` that leads to the model. A request that was aborted still arrives: nobody can call it back. */
export function createNetwork(server: ServerModel, time: VirtualTime): Network {
  const network: Network = {
    sent: [],
    sentTo: (path) => network.sent.filter((request) => request.path === path),
    weather: () => clear,
    async fetch(input, init) {
      const request = {
        ...(await readRequest(new Request(input, init))),
        at: time.now(),
        signal: init?.signal,
      }
      network.sent.push(request)
      const weather = network.weather(request)
      return Promise.race([aborted(init?.signal), deliver(request, weather)])
    },
  }
  return network

  async function deliver(request: SentRequest, weather: Weather): Promise<Response> {
    if (weather.kind === "answered-by-other") return respond(weather)
    const oneWay = (weather.kind === "clear" ? (weather.latencyMs ?? 0) : 0) / 2
    await time.sleep(oneWay)
    if (weather.kind === "lost-before") throw new TypeError("fetch failed")
    if (weather.kind === "silent-before") return new Promise(() => {})
    const { status, body } = server.handle(request)
    await time.sleep(oneWay)
    if (weather.kind === "lost-after") throw new TypeError("terminated")
    if (weather.kind === "silent-after") return new Promise(() => {})
    if (weather.kind === "replaced") return respond(weather)
    return respond({ status, body: JSON.stringify(body) })
  }
}

const respond = (answer: { status: number; body: string; headers?: Record<string, string> }): Response =>
  new Response(answer.body, answer)

async function readRequest(request: Request): Promise<ModelRequest> {
  const body = await request.text()
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    bearer: request.headers.get("authorization")?.replace("Bearer ", ""),
    idempotencyKey: request.headers.get("idempotency-key") ?? undefined,
    json: body.startsWith("{") ? JSON.parse(body) : {},
  }
}

const aborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new DOMException("This operation was aborted", "AbortError"))
    if (signal?.aborted) stop()
    signal?.addEventListener("abort", stop)
  })
