import { isIPv6 } from "node:net"
import type { RedisClient } from "@gatepost/runtime/redis"
import type { Knex } from "knex"
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible"
import { Problem } from "./problems/index.js"

interface Rule {
  points: number
  perSeconds: number
}

interface LimitPolicy extends Rule {
  /** Further rules that the same call counts for: over longer times, for wider networks, or for all callers of a process. */
  also?: readonly (Rule & { per?: "network" | "process" })[]
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
  register: {
    points: 10,
    perSeconds: 3600,
    also: [
      { points: 30, perSeconds: 86_400 },
      { points: 50, perSeconds: 60, per: "process" },
    ],
    counts: "every call",
  },
  "sign-in": {
    points: 20,
    perSeconds: 60,
    also: [
      { points: 100, perSeconds: 3600 },
      { points: 300, perSeconds: 3600, per: "network" },
    ],
    counts: "failures, from the start",
  },
  // Where the service itself counts, by more than the address: a sign-in with what it knows of the device.
  "by-the-service": undefined,
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
export type LimitStore =
  | { kind: "redis"; client: RedisClient }
  | { kind: "postgres"; db: Knex; schema: string }

export function createLimiter(store: LimitStore): Limiter {
  const limits = new Map<LimitName, { counters: Counter[]; counts: LimitPolicy["counts"] }>()
  for (const [name, policy] of Object.entries(limitPolicies) as [LimitName, LimitPolicy | undefined][]) {
    if (policy) limits.set(name, { counters: countersOf(name, policy, store), counts: policy.counts })
  }

  return {
    async admit(limit, key) {
      const { counters, counts } = limits.get(limit) ?? NONE
      for (const { limiter, keyOf } of counters) {
        if (counts !== "failures") await consume(limiter, keyOf(key))
        else {
          const state = await limiter.get(keyOf(key))
          if (state && state.consumedPoints >= limiter.points) throw tooMany(state)
        }
      }
    },
    async refused(limit, key) {
      const { counters, counts } = limits.get(limit) ?? NONE
      if (counts === "failures") for (const { limiter, keyOf } of counters) await limiter.penalty(keyOf(key))
    },
    async forgive(limit, key) {
      const { counters, counts } = limits.get(limit) ?? NONE
      if (counts !== "failures, from the start") return
      for (const { limiter, keyOf } of counters) await limiter.reward(keyOf(key))
    },
  }
}

interface Counter {
  limiter: RateLimiterAbstract
  keyOf(key: string): string
}

const NONE = { counters: [], counts: "every call" } as const

function countersOf(name: string, { also = [], ...policy }: LimitPolicy, store: LimitStore): Counter[] {
  const first = { limiter: openLimiter(name, policy, store), keyOf: networkOf }
  return [
    first,
    ...also.map(({ per, ...rule }): Counter => {
      if (per === "process") {
        const options = { keyPrefix: name, points: rule.points, duration: rule.perSeconds }
        return { limiter: new RateLimiterMemory(options), keyOf: () => "all" }
      }
      const keyOf = per === "network" ? wideNetworkOf : networkOf
      return { limiter: openLimiter(`${name} ${per ?? ""}${rule.perSeconds}`, rule, store), keyOf }
    }),
  ]
}

function openLimiter(name: string, policy: Rule, store: LimitStore): RateLimiterAbstract {
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

/** A provider gives a customer up to a /48, and IPv4 addresses that are close by: one attacker may have them all. */
export function wideNetworkOf(ip: string): string {
  return isIPv6(ip) ? networkOf(ip).split(":").slice(0, 3).join(":") : ip.replace(/[.][0-9]+$/, ".0")
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
