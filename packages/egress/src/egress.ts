import { Resolver } from "node:dns/promises"
import http from "node:http"
import https from "node:https"
import { isIP } from "node:net"
import { rangeOf } from "./address-ranges.js"
import { type FetchInit, fetchBounded } from "./bounded-fetch.js"
import { type AddressResolver, checkedLookup, isLocalhost } from "./checked-lookup.js"

export interface OutgoingPost {
  headers: Record<string, string>
  body: string | Buffer
}

/** What came back; the body is thrown away. */
export interface EgressAnswer {
  status: number
  /** The header `Retry-After`, as it came. */
  retryAfter: string | undefined
}

/** Calls to places that somebody else named: webhooks, back-channel logout, push services (checks 94 and 122). */
export interface Egress {
  /** What speaks against a URL as a target, as far as it can be seen without DNS; `undefined` for nothing. */
  faultOf(target: string): string | undefined
  /**
   * Sends something to a target, follows no redirect, and waits five seconds at most, DNS included.
   *
   * @throws EgressRefused where the target is not for us to call; Error where nobody answers
   */
  post(target: string, message: OutgoingPost): Promise<EgressAnswer>
  /** The same with a form. @returns the answer's status */
  postForm(target: string, form: Record<string, string>): Promise<number>
  /**
   * One request and its answer, up to 256 KiB, as `fetch` has it; the same rules.
   *
   * @throws EgressRefused where the target is not for us to call; Error where nobody answers in time
   */
  fetch(target: string, init?: FetchInit): Promise<Response>
}

export interface EgressOptions {
  /** Whether this machine may be a target, by http as well (EGRESS_ALLOW). */
  allowLoopback: boolean
  /** DNS alone: getaddrinfo would hold one of the few threads that hash and sign. */
  resolver?: AddressResolver
}

export class EgressRefused extends Error {
  override readonly name = "EgressRefused"
}

const TIMEOUT_MS = 5_000
const MAX_BODY_BYTES = 16_384

export function createEgress(options: EgressOptions): Egress {
  const { allowLoopback } = options
  // A new one knows the name servers of now; two tries, so that time is left for the call.
  const resolverOf = () => options.resolver ?? new Resolver({ timeout: 1_000, tries: 2 })
  const lookup = checkedLookup(resolverOf, (address, host) => {
    if (!isAllowed(address)) throw new EgressRefused(`${host} is at ${address}, which is no public address`)
  })

  return {
    faultOf,
    post,
    async postForm(target, form) {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" }
      const { status } = await post(target, { headers, body: new URLSearchParams(form).toString() })
      return status
    },
    async fetch(target, init = {}) {
      const fault = faultOf(target)
      if (fault) throw new EgressRefused(fault)
      return fetchBounded(new URL(target), init, { lookup, timeoutMs: TIMEOUT_MS })
    },
  }

  async function post(target: string, { headers, body }: OutgoingPost): Promise<EgressAnswer> {
    const fault = faultOf(target)
    if (fault) throw new EgressRefused(fault)
    const url = new URL(target)
    const client = url.protocol === "https:" ? https : http
    const request = client.request(url, {
      method: "POST",
      headers: { ...headers, "Content-Length": Buffer.byteLength(body), "User-Agent": "gatepost" },
      lookup,
      // A connection of its own, whatever proxy the environment names.
      agent: false,
    })
    const timer = setTimeout(() => request.destroy(timedOut()), TIMEOUT_MS)
    request.end(body)
    return answerOf(request).finally(() => clearTimeout(timer))
  }

  function faultOf(target: string): string | undefined {
    if (!URL.canParse(target)) return "it must be an absolute URL"
    const { protocol, hostname, username, password, hash } = new URL(target)
    const host = hostname.replace(/^\[|\]$/g, "")
    const isLoopback = isLocalhost(host) || rangeOf(host) === "loopback"
    if (username || password) return "it must not have a user name or password"
    if (hash) return "it must not have a fragment"
    if (protocol !== "https:" && !(protocol === "http:" && isLoopback && allowLoopback))
      return "it must start with https:// (http:// is for this machine alone, with EGRESS_ALLOW=loopback)"
    if (isLoopback && !allowLoopback)
      return "it leads to this machine, which only EGRESS_ALLOW=loopback permits"
    if (isIP(host) && !isAllowed(host)) return `it leads to ${host}, which is no public address`
    return undefined
  }

  function isAllowed(address: string): boolean {
    const range = rangeOf(address)
    return range === "public" || (range === "loopback" && allowLoopback)
  }
}

const timedOut = () => Object.assign(new Error(`no answer in ${TIMEOUT_MS} ms`), { code: "ETIMEDOUT" })

/** The status counts as soon as it is there, however its body ends. */
function answerOf(request: http.ClientRequest): Promise<EgressAnswer> {
  return new Promise((resolve, reject) => {
    let answer: EgressAnswer | undefined
    let failure = new Error("the connection was closed without an answer")
    request.on("response", (response) => {
      answer = { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] }
      let received = 0
      response.on("data", (chunk: Buffer) => {
        received += chunk.length
        if (received > MAX_BODY_BYTES) response.destroy()
      })
      response.on("error", () => {})
    })
    request.on("error", (cause) => {
      failure = cause
    })
    request.on("close", () => (answer ? resolve(answer) : reject(failure)))
  })
}
