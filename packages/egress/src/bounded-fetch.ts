import http from "node:http"
import https from "node:https"
import type { LookupFunction } from "node:net"

export interface FetchInit {
  method?: string
  headers?: ConstructorParameters<typeof Headers>[0]
  body?: string | URLSearchParams | null
}

// A set of keys or a discovery document has some kilobytes.
const MAX_ANSWER_BYTES = 262_144

/**
 * One request and its whole answer, on a connection of its own, by the addresses that `lookup` allows; no redirect is
 * followed, and no proxy of the environment asked.
 *
 * @param timeoutMs for all of it, DNS included
 * @throws Error where nobody answers in time, or too much comes
 */
export function fetchBounded(
  url: URL,
  init: FetchInit,
  { lookup, timeoutMs }: { lookup: LookupFunction; timeoutMs: number },
): Promise<Response> {
  const body = init.body ? String(init.body) : undefined
  const headers = new Headers(init.headers)
  headers.set("User-Agent", "gatepost")
  if (body !== undefined) {
    if (!headers.has("Content-Type")) headers.set("Content-Type", "application/x-www-form-urlencoded")
    headers.set("Content-Length", String(Buffer.byteLength(body)))
  }
  const client = url.protocol === "https:" ? https : http

  return new Promise((resolve, reject) => {
    const request = client.request(url, {
      method: init.method ?? "GET",
      headers: Object.fromEntries(headers),
      lookup,
      agent: false,
    })
    const timer = setTimeout(() => request.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    const fail = (cause: Error) => {
      clearTimeout(timer)
      request.destroy()
      reject(cause)
    }
    request.on("error", fail)
    request.on("response", (response) => {
      const chunks: Buffer[] = []
      let received = 0
      response.on("error", fail)
      response.on("data", (chunk: Buffer) => {
        received += chunk.length
        if (received > MAX_ANSWER_BYTES) fail(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on("end", () => {
        clearTimeout(timer)
        resolve(toResponse(response, Buffer.concat(chunks)))
      })
    })
    request.end(body)
  })
}

function toResponse({ statusCode = 502, headers }: http.IncomingMessage, body: Buffer): Response {
  // The constructor takes no status that has no body with one.
  const status = statusCode < 200 || statusCode > 599 ? 502 : statusCode
  const answer = new Headers()
  for (const name of ["content-type", "cache-control", "retry-after", "www-authenticate"]) {
    const value = headers[name]
    if (value !== undefined) answer.set(name, String(value))
  }
  return new Response([204, 205, 304].includes(status) ? null : new Uint8Array(body), {
    status,
    headers: answer,
  })
}
