import assert from "node:assert/strict"

export type Json = Record<string, unknown>

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** Empty where the answer is no JSON. */
  body: Json
}

export interface Sent {
  json?: unknown
  form?: Record<string, string>
  token?: string
  headers?: Record<string, string>
}

/** Plain HTTP, as any client speaks it. */
export type Api = ReturnType<typeof createApi>

export function createApi(baseUrl: string, always: Record<string, string> = {}) {
  return async (method: string, path: string, { json, form, token, headers }: Sent = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      redirect: "manual",
      headers: {
        Accept: "application/json",
        ...(json !== undefined && { "Content-Type": "application/json" }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...always,
        ...headers,
      },
      body: json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form) : null,
    })
    const text = await response.text()
    if (response.status === 429) throw new Error("too many requests: start Gatepost with RATE_LIMITS=off")
    return { status: response.status, headers: response.headers, text, body: parse(text) }
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}

/** An answer with this status, and at least these members. */
export function assertAnswer(answer: Answer, status: number, members: Json = {}): Json {
  assert.equal(answer.status, status, answer.text)
  assert.match(String(answer.headers.get("content-type")), /^application\/(problem\+)?json\b/)
  assertMembers(answer.body, members)
  return answer.body
}

function assertMembers(body: unknown, members: Json): void {
  for (const [name, expected] of Object.entries(members)) {
    const actual = (body as Json)[name]
    if (expected instanceof RegExp) assert.match(String(actual), expected, name)
    else if (isObject(expected)) assertMembers(actual, expected)
    else assert.deepEqual(actual, expected, name)
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** RFC 9457, as `/v1` and `/api/v1` tell errors. */
export function assertProblem(answer: Answer, status: number, members: Json = {}): void {
  assertAnswer(answer, status, { type: /^https?:.+#[a-z.-]+$/, status, ...members })
  assert.match(String(answer.headers.get("content-type")), /^application\/problem\+json\b/)
  const { title, detail, code } = answer.body
  for (const text of [title, detail, code]) assert.ok(typeof text === "string" && text.length > 0)
}

/** JobPath's envelope. */
export function assertError(answer: Answer, status: number, message?: string): void {
  assertAnswer(answer, status, { status_code: status, ...(message && { detail: { message } }) })
  assert.match(String(answer.headers.get("content-type")), /^application\/json\b/)
  assert.equal(typeof answer.body.error, "string")
  assert.equal(typeof (answer.body.detail as Json).message, "string")
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** The token response, with every member that any client reads. */
export interface Tokens {
  access_token: string
  refresh_token: string
  user: { id: string; email: string; email_verified: boolean }
}

export function assertTokens(answer: Answer, status: number, email: string, verified = false): Tokens {
  const user = { id: UUID, email, is_active: true, email_verified: verified, created_at: TIME }
  const jwt = /^[\w-]+\.[\w-]+\.[\w-]+$/
  assertAnswer(answer, status, { access_token: jwt, token_type: "bearer", user })
  const { refresh_token, expires_in } = answer.body
  assert.ok(typeof refresh_token === "string" && refresh_token.length >= 43)
  assert.ok(Number.isInteger(expires_in) && Number(expires_in) > 0)
  return answer.body as unknown as Tokens
}
