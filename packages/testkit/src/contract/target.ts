import type { TestDatabase } from "../database.js"

export interface Schema {
  toJSONSchema(options: { io: "input" }): unknown
}

/** What the suite has to know of a route; the values that `route()` makes have it. */
export interface ContractRoute {
  method: string
  path: string
  access: "public" | { user: string } | { service: string } | { userOrService: string }
  limit: string
  params?: Schema
  query?: Schema
  body?: Schema
  success: { status: number }
}

export interface GoodInput {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
}

/** A running service with its limits off. */
export interface ContractTarget {
  url: string
  /** The prefixes under which its routes answer; those of all dialects if unset. */
  dialects?: readonly string[]
  db: TestDatabase
  /** A new, valid access token of this kind, with every scope that such callers get. */
  token(kind: "user" | "service"): Promise<string>
  /** Input that a route, such as `post /auth/login`, takes right now. */
  good(route: string): Promise<GoodInput>
  stop(): Promise<void>
}

export const DIALECTS = ["/v1", "/api/v1", ""]

/** A text that must not come back, and must not be stored. */
export const CANARY = "canary7Zq2wX9kLmT4"

/** A text that must not come back in a refusal. */
export const HOSTILE_CANARY = "hostile5Rt8vNpYs1"
