import type { IncomingMessage } from "node:http"

// RFC 9110 section 7.6.1, and Expect, which Node's server has answered already.
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
  "expect",
]
// What a client says about its own address is worth nothing: this gateway is the first hop.
const CLAIMS = /^(?:forwarded|x-real-ip|x-forwarded-.+)$/
// A Connection header must not take away what delimits the body or names the host.
const NEVER_DROPPED = new Set(["host", "content-length", "transfer-encoding"])

/** Whether a request says in only one way where it goes and where it ends (RFC 9112 sections 3.2 and 6.1). */
export function isUnambiguous(req: IncomingMessage): boolean {
  const coding = req.headers["transfer-encoding"]
  const hosts = req.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host")
  const form = req.httpVersion.startsWith("1.") && req.url?.startsWith("/")
  return form === true && hosts.length <= 1 && (coding === undefined || coding === "chunked")
}

/** Makes the headers of a request those that the service behind shall see. */
export function prepareRequest(req: IncomingMessage): void {
  const { headers } = req
  const tokens = tokensOf(headers.connection)
  const close = tokens.includes("close") || (req.httpVersion === "1.0" && !tokens.includes("keep-alive"))
  for (const name of Object.keys(headers)) {
    const hopByHop = HOP_BY_HOP.includes(name) || (tokens.includes(name) && !NEVER_DROPPED.has(name))
    if (hopByHop || CLAIMS.test(name)) delete headers[name]
  }

  // The proxy repeats this one to the client, so it is the client's wish.
  headers.connection = close ? "close" : "keep-alive"
  if (headers.host !== undefined) headers["x-forwarded-host"] = headers.host
  headers["x-forwarded-for"] = req.socket.remoteAddress ?? ""
  headers["x-forwarded-proto"] = "http"
  // Else Node would announce a chunked body where there is none.
  const hasFraming = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined
  if (!hasFraming && req.method !== "GET" && req.method !== "HEAD") headers["content-length"] = "0"
}

/** Takes out of an answer what was meant for the connection between gateway and service. */
export function prepareResponse(answer: IncomingMessage): void {
  const named = tokensOf(answer.headers.connection).filter((name) => !NEVER_DROPPED.has(name))
  for (const name of [...HOP_BY_HOP, ...named]) delete answer.headers[name]
}

const tokensOf = (connection: string | undefined) =>
  (connection ?? "").split(",").map((token) => token.trim().toLowerCase())
