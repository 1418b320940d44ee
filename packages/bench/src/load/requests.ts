import type { Answer } from "./answer.js"
import type { Workload } from "./workload.js"

/** Which request a connection sends next. */
export interface Requests {
  next(connection: number): Buffer
  answered(connection: number, answer: Answer): void
}

/** What a workload says of each of its requests. */
type Request = Pick<Workload, "url" | "method" | "headers" | "body">

const PLACEHOLDER = "{token}"

/** @throws TypeError when a chain has fewer tokens than connections: two would share one */
export function createRequests(workload: Workload): Requests {
  const { tokens, connections } = workload
  if (!tokens) {
    const request = renderRequest(workload, "")
    return { next: () => request, answered() {} }
  }

  if (tokens.kind === "cycle") {
    const requests = tokens.values.map((token) => renderRequest(workload, token))
    let sent = 0
    return { next: () => at(requests, sent++ % requests.length), answered() {} }
  }

  const current = [...tokens.values]
  if (current.length < connections) throw new TypeError("a chain needs a token for each connection")
  const path = tokens.member.split(".")
  // Where each connection stands among its own: every so many-th, from its number on.
  const places = Array.from({ length: connections }, (_, connection) => connection)
  return {
    next: (connection) => renderRequest(workload, at(current, at(places, connection))),
    answered(connection, { body }) {
      const place = at(places, connection)
      current[place] = readMember(JSON.parse(body.toString()), path)
      places[connection] = place + connections < current.length ? place + connections : connection
    },
  }
}

/** The bytes of one request. */
export function renderRequest(request: Request, token: string): Buffer {
  const { url, method, headers = {}, body } = request
  const { host, pathname, search } = new URL(url)
  const content = body?.replaceAll(PLACEHOLDER, token)
  const type = "Content-Type" in headers ? [] : ["Content-Type: application/json"]
  const lines = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(PLACEHOLDER, token)}`),
    ...(content === undefined ? [] : [...type, `Content-Length: ${Buffer.byteLength(content)}`]),
  ]
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${content ?? ""}`)
}

function readMember(document: unknown, path: string[]): string {
  const value = path.reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], document)
  if (typeof value !== "string") throw new Error(`an answer has no ${path.join(".")}`)
  return value
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError("there are no tokens")
  return item
}
