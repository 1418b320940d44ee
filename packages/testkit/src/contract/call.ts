import assert from "node:assert/strict"
import { Agent, type IncomingHttpHeaders, request } from "node:http"
import { CANARY, type ContractRoute, type ContractTarget, type GoodInput, HOSTILE_CANARY } from "./target.js"

/** What an answer may never tell (check 15): stacks, paths, SQL, the libraries' own words. */
const REVEALING =
  /SyntaxError|Unexpected|ZodError|node_modules|\/dist\/|\bat .+:\d+:\d+|\b(select|insert|update) .+ (from|into|set)\b|knex|sqlstate/i
const NO_ANSWER_MS = 5_000

export interface Sent extends GoodInput {
  /** Instead of `body`, as it is. */
  raw?: string | Buffer
}

export type Call = ReturnType<typeof callOf>

/** Calls one route in one dialect; with a good token where it needs one, unless a header says otherwise. */
export function callOf(route: ContractRoute, target: ContractTarget, dialect: string) {
  const pathOf = ({ params = {}, query }: GoodInput) =>
    dialect +
    route.path.replaceAll(/\{(\w+)\}/g, (_, name) => params[name] ?? "") +
    (query ? `?${new URLSearchParams(query)}` : "")

  let ownToken: Promise<string> | undefined
  const token = () => {
    if (route.access === "public") return undefined
    ownToken ??= target.token("service" in route.access ? "service" : "user")
    return ownToken
  }

  return {
    route,
    dialect,
    pathOf,
    async good() {
      await token()
      return target.good(`${route.method} ${route.path}`)
    },
    async send(
      { raw, ...input }: Sent,
      headers: Record<string, string | undefined> = {},
      path = pathOf(input),
    ): Promise<Answer> {
      const bearer = "authorization" in headers ? undefined : await token()
      const body = raw ?? (input.body && JSON.stringify(input.body))
      return send(target.url, {
        method: route.method.toUpperCase(),
        path,
        headers: {
          // Node announces no body of a DELETE by itself.
          ...(body !== undefined && {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(body)),
          }),
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        body,
      })
    },
    assertRefused(answer: Answer, status: number, sent: string) {
      const about = `${route.method} ${dialect}${route.path} with ${sent}: ${answer.status} ${answer.text.slice(0, 500)}`
      assert.equal(answer.status, status, about)
      assertHeaders(answer)
      assert.ok(!answer.text.includes(CANARY) && !answer.text.includes(HOSTILE_CANARY), about)
      assert.doesNotMatch(answer.text, REVEALING, about)
      const body = JSON.parse(answer.text)
      const type = String(answer.headers["content-type"])
      if (dialect === "") {
        assert.match(type, /^application\/json\b/)
        assert.deepEqual(
          [typeof body.error, typeof body.detail.message, body.status_code],
          ["string", "string", status],
        )
      } else {
        assert.match(type, /^application\/problem\+json\b/)
        assert.deepEqual([typeof body.title, typeof body.detail, body.status], ["string", "string", status])
        assert.ok(body.type.endsWith(`/problems#${body.code}`), about)
      }
    },
  }
}

// check 2, check 3
export function assertHeaders({ headers }: Answer): void {
  assert.match(String(headers["x-request-id"]), /^[0-9a-f-]{36}$/)
  assert.equal(headers["cache-control"], "no-store")
  assert.equal(headers["x-content-type-options"], "nosniff")
  assert.equal(headers["referrer-policy"], "no-referrer")
  assert.match(String(headers["strict-transport-security"]), /max-age=31536000; includeSubDomains/)
  assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/)
  assert.equal(headers["x-powered-by"], undefined)
  assert.equal(headers.server, undefined)
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

const agent = new Agent({ keepAlive: true })

/** Sends bytes as they are: a fetch would tidy up paths, methods and headers. */
export function send(
  url: string,
  {
    body,
    path,
    method,
    headers = {},
  }: {
    method: string
    path: string
    headers?: Record<string, string | undefined>
    body?: string | Buffer | undefined
  },
): Promise<Answer> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined)
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method,
      path,
      agent,
      headers: Object.fromEntries(given),
      timeout: NO_ANSWER_MS,
    })
    call.on("timeout", () => call.destroy(new Error(`no answer to ${method} ${path.slice(0, 100)}`)))
    call.on("error", reject)
    call.on("response", async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      })
    })
    call.end(body)
  })
}
