import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http"

export type Json = Record<string, unknown>

/** What came of a request: as it should be; told to come again; cut off; nothing at all; none of these. */
export type Verdict = "good" | "unavailable" | "reset" | "silence" | "wrong"

/** One request as its client saw it. */
export interface Sample {
  op: string
  /** By the monotonic clock, in ms. */
  startedAt: number
  ms: number
  verdict: Verdict
  /** For whoever asks what was wrong. */
  told: string
}

export interface Call {
  op: string
  method?: string
  path: string
  /** Statuses that are right here. */
  expect: readonly number[]
  token?: string | undefined
  json?: Json
  headers?: Record<string, string>
  body?: string
  /** Of the client, in 127/8: rate limits take each for another network. */
  from?: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Json
}

export interface Client {
  readonly samples: Sample[]
  /** The answer, if it was one of those expected. */
  call(call: Call): Promise<{ verdict: Verdict; answer?: Answer }>
  close(): void
}

const SILENCE_MS = 12_000

/** Calls over kept connections as a backend's HTTP client does, and writes down what came of each request. */
export function createClient(urlOf: (path: string) => string, sockets = 64): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, scheduling: "fifo" })
  const samples: Sample[] = []

  return {
    samples,
    async call(call) {
      const startedAt = performance.now()
      const outcome = await send(urlOf(call.path), call, agent).catch((cause: NodeJS.ErrnoException) => cause)
      const verdict = verdictOf(outcome, call.expect)
      const told = outcome instanceof Error ? outcome.message : `${outcome.status} ${outcome.body.code ?? ""}`
      samples.push({ op: call.op, startedAt, ms: performance.now() - startedAt, verdict, told })
      return outcome instanceof Error || verdict !== "good" ? { verdict } : { verdict, answer: outcome }
    },
    close: () => agent.destroy(),
  }
}

function verdictOf(outcome: Answer | NodeJS.ErrnoException, expect: readonly number[]): Verdict {
  if (outcome instanceof Error) return outcome.message === "silence" ? "silence" : "reset"
  if (expect.includes(outcome.status)) return "good"
  // A 503 that does not say when to come again is a wrong answer.
  return outcome.status === 503 && /^[1-9]\d*$/.test(String(outcome.headers["retry-after"]))
    ? "unavailable"
    : "wrong"
}

async function send(url: string, call: Call, agent: Agent): Promise<Answer> {
  const body = call.json ? JSON.stringify(call.json) : call.body
  const sent = request(url, {
    agent,
    ...(call.from && { localAddress: call.from }),
    method: call.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      Accept: "application/json",
      ...(call.json && { "Content-Type": "application/json" }),
      ...(call.token && { Authorization: `Bearer ${call.token}` }),
      ...call.headers,
    },
  })
  const silence = setTimeout(() => sent.destroy(new Error("silence")), SILENCE_MS)
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on("response", resolve).on("error", reject).end(body)
    })
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: parse(text) }
  } finally {
    clearTimeout(silence)
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}
