import type { Language, Scope } from "@gatepost/contracts"
import type { Logger } from "@gatepost/runtime"
import type { z } from "zod"
import type { LimitName } from "./limits.js"
import type { ProblemCode } from "./problems/index.js"
import type { Written } from "./written.js"

/** Who may call: anybody, a person whose token has the scope, a service whose token has it, or either of them. */
export type Access = "public" | { user: Scope } | { service: Scope } | { userOrService: Scope }

export interface UserCaller {
  kind: "user"
  userId: string
  sessionId: string
  clientId: string
  scopes: ReadonlySet<string>
  /** When and how surely they signed in, as the token has it. */
  authTime?: Date
  acr?: string
  /** What the service's own look at the session found; where a token is all there is, nothing. */
  state?: unknown
}

export interface ServiceCaller {
  kind: "service"
  clientId: string
  scopes: ReadonlySet<string>
}

export type Caller = UserCaller | ServiceCaller

type CallerOf<A extends Access> = A extends "public"
  ? undefined
  : A extends { user: Scope }
    ? UserCaller
    : A extends { service: Scope }
      ? ServiceCaller
      : Caller

/** What a use-case may know of the request besides its input. */
export interface RequestContext {
  requestId: string
  /** The client's address, behind the trusted hops. */
  ip: string
  userAgent: string | undefined
  /** Without its port. */
  host: string
  /** The `X-Client-Id` header: which app is calling. */
  clientId: string | undefined
  /** Of those we speak, the one that the caller likes best; none where they didn't say. */
  language: Language | undefined
  idempotency: { key: string; fingerprint: Buffer } | undefined
  /**
   * Takes all that the answer is made of, as a text: its `ETag` comes of it. Where the caller has that very answer
   * already, the call ends here with 304. Only on routes that are `revalidated`.
   */
  revalidate(content: string): void
  logger: Logger
}

type Input<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

export interface Route<
  A extends Access = Access,
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Success extends z.ZodType = z.ZodType,
> {
  method: "get" | "post" | "put" | "patch" | "delete"
  /** The canonical path without a dialect's prefix; parameters as `{name}`. */
  path: string
  summary: string
  tag: string
  access: A
  limit: LimitName
  /** A limit per account as well, or per program, whatever address it calls from. */
  callerLimit?: LimitName
  params?: Params
  query?: Query
  body?: Body
  /** Whether a call without any body is one with an empty object. */
  isBodyOptional?: boolean
  /** The answer's one good shape; unknown members are stripped on the way out. */
  success: { status: 200 | 201 | 202; body: Success }
  /** Beyond those that every route may give: see `sharedProblems`. */
  problems: readonly ProblemCode[]
  /** Whether an `Idempotency-Key` is honoured (DESIGN.md D17). */
  idempotent?: boolean
  /** Whether the answer has an `ETag`, and `If-None-Match` is answered with 304 (RFC 9110 section 13). */
  revalidated?: boolean
  handle(request: {
    params: Input<Params>
    query: Input<Query>
    body: Input<Body>
    caller: CallerOf<A>
    context: RequestContext
  }): Promise<z.input<Success> | Written>
}

// A list of routes of many shapes: what the edge needs of them is the same for all.
// biome-ignore lint/suspicious/noExplicitAny: the handler's argument is contravariant
export type AnyRoute = Route<any, any, any, any, any>

/** A route as a value; the handler's types follow from its schemas. */
export const route = <
  const A extends Access,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Success extends z.ZodType = z.ZodType,
>(
  definition: Route<A, Params, Query, Body, Success>,
): Route<A, Params, Query, Body, Success> => definition

/** What any route may answer besides its own problems. */
export function sharedProblems(route: AnyRoute): ProblemCode[] {
  const codes: ProblemCode[] = [
    "request.malformed",
    "request.too-many",
    "server.unexpected",
    "server.unavailable",
  ]
  if (route.body || route.query || route.params) codes.push("request.invalid")
  if (route.body) codes.push("request.too-large", "request.media-type-unsupported")
  if (route.access !== "public") codes.push("token.missing", "token.invalid", "token.scope-missing")
  if (route.idempotent) codes.push("idempotency.mismatch")
  return codes
}
