import { isIPv6 } from "node:net"
import type { Redis } from "ioredis"
import type { Knex } from "knex"
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible"
import { Problem } from "./problems/index.js"

interface LimitPolicy {
  points: number
  perSeconds: number
  /**
   * Mobile carriers share addresses, so most count only what fails. Where a secret could be guessed,
   * each call counts before its work and is taken back after a success: else a burst gets through (check 39).
   */
  counts: "every call" | "failures" | "failures, from the start"
}

/**
 * Limits (SECURITY.md section 2), per client address if nothing else is said. A route names one; `none` is a
 * decision, not an omission.
 */
export const limitPolicies = {
  none: undefined,
  register: { points: 10, perSeconds: 3600, counts: "every call" },
  "sign-in": { points: 20, perSeconds: 60, counts: "failures, from the start" },
  // Each call stores a challenge, so all count.
  "passkey-options": { points: 60, perSeconds: 60, counts: "every call" },
  refresh: { points: 60, perSeconds: 60, counts: "failures" },
  "single-use": { points: 30, perSeconds: 600, counts: "failures" },
  social: { points: 30, perSeconds: 600, counts: "failures, from the start" },
  // It tells who has an account, so it must not be asked for many.
  lookup: { points: 30, perSeconds: 600, counts: "every call" },
  // Per owner there are 25 at most.
  "create-key": { points: 60, perSeconds: 3600, counts: "every call" },
  "send-mail": { points: 10, perSeconds: 3600, counts: "every call" },
  // The OpenID Provider's: what its clients are refused, per client and address; …
  client: { points: 120, perSeconds: 60, counts: "failures" },
  // … sign-ins and devices that nobody is known for, which count as failures; …
  "anonymous-start": { points: 60, perSeconds: 60, counts: "failures" },
  // … and guesses at a device's code, per address and per browser.
  "user-code": { points: 30, perSeconds: 600, counts: "failures, from the start" },
  "user-code-in-browser": { points: 10, perSeconds: 600, counts: "failures, from the start" },
} as const satisfies Record<string, LimitPolicy | undefined>

export type LimitName = keyof typeof limitPolicies

/**
 * Counts by an address, which stands for its network, or by whatever else a limit is per.
 *
 * @throws Problem `request.too-many` with Retry-After
 */
export interface Limiter {
  /** Before the work: counts the call, or only looks where failures count. */
  admit(limit: LimitName, key: string): Promise<void>
  /** After work that ended in a refusal; once, and only for a call that was admitted. */
  refused(limit: LimitName, key: string): Promise<void>
  /** After work that was no failure of the caller's; once, and only for a call that was admitted. */
  forgive(limit: LimitName, key: string): Promise<void>
}

export const unlimited: Limiter = { admit: async () => {}, refused: async () => {}, forgive: async () => {} }

/** Where the counters live: shared by all processes, and while that is away a smaller share in memory. */
export type LimitStore = { kind: "redis"; client: Redis } | { kind: "postgres"; db: Knex; schema: string }

export function createLimiter(store: LimitStore): Limiter {
  const limiters = new Map<LimitName, { limiter: RateLimiterAbstract; policy: LimitPolicy }>()
  for (const [name, policy] of Object.entries(limitPolicies)) {
    if (policy) limiters.set(name as LimitName, { limiter: openLimiter(name, policy, store), policy })
  }

  return {
    async admit(limit, key) {
      const entry = limiters.get(limit)
      if (!entry) return
      if (entry.policy.counts !== "failures") return consume(entry.limiter, networkOf(key))
      const state = await entry.limiter.get(networkOf(key))
      if (state && state.consumedPoints >= entry.policy.points) throw tooMany(state)
    },
    async refused(limit, key) {
      const entry = limiters.get(limit)
      if (entry?.policy.counts === "failures") await entry.limiter.penalty(networkOf(key))
    },
    async forgive(limit, key) {
      const entry = limiters.get(limit)
      if (entry?.policy.counts === "failures, from the start") await entry.limiter.reward(networkOf(key))
    },
  }
}

function openLimiter(name: string, policy: LimitPolicy, store: LimitStore): RateLimiterAbstract {
  const options = { keyPrefix: name, points: policy.points, duration: policy.perSeconds }
  const insuranceLimiter = new RateLimiterMemory({ ...options, points: Math.ceil(policy.points / 2) })
  if (store.kind === "redis") {
    return new RateLimiterRedis({ ...options, storeClient: store.client, insuranceLimiter })
  }
  return new RateLimiterPostgres({
    ...options,
    storeClient: store.db,
    storeType: "knex",
    schemaName: store.schema,
    tableName: "rate_limits",
    tableCreated: true,
    insuranceLimiter,
  })
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (refusal) {
    throw refusal instanceof RateLimiterRes ? tooMany(refusal) : refusal
  }
}

function tooMany(state: RateLimiterRes): Problem {
  const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
  return new Problem("request.too-many", { headers: { "Retry-After": String(seconds) } })
}

/** One household or server has a whole /64 (RFC 6177), so that is what counts as one client; what is no IPv6 address, as it is. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip
  const [head = "", tail] = ip.split("::")
  const groups = head.split(":").filter(Boolean)
  if (tail !== undefined) {
    const rest = tail.split(":").filter(Boolean)
    while (groups.length + rest.length < 8) groups.push("0")
  }
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return prefix.join(":")
}
