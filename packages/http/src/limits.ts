import { isIPv6 } from "node:net"
import { sha256 } from "@gatepost/runtime"
import type { RedisClient } from "@gatepost/runtime/redis"
import type { Knex } from "knex"
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible"
import { type LimitName, type LimitPolicy, limitPolicies, type Rule } from "./limit-policies.js"
import { inLots } from "./lots.js"
import { Problem } from "./problems/index.js"

export type { LimitName } from "./limit-policies.js"

/**
 * Counts by an address, which stands for its network, or by whatever else a limit is per.
 *
 * @throws Problem `request.too-many` with Retry-After
 */
export interface Limiter {
  /** Before the work: counts the call, or only looks where failures count. */
  admit(limit: LimitName, key: string): Promise<void>
  /**
   * After work that ended in a refusal; once, and only for a call that was admitted.
   *
   * @returns where that was one too many: the seconds until calls are admitted again
   */
  refused(limit: LimitName, key: string): Promise<number | undefined>
  /** After work that was no failure of the caller's; once, and only for a call that was admitted. */
  forgive(limit: LimitName, key: string): Promise<void>
}

export const unlimited: Limiter = {
  admit: async () => {},
  refused: async () => undefined,
  forgive: async () => {},
}

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
      for (const { limiter, keyOf, consume } of counters) {
        if (counts !== "failures") await consume(keyOf(key))
        else {
          const state = await limiter.get(keyOf(key))
          if (state && state.consumedPoints >= limiter.points) throw tooMany(secondsOf(state))
        }
      }
    },
    async refused(limit, key) {
      const { counters, counts } = limits.get(limit) ?? NONE
      if (counts !== "failures") return undefined
      const waits: number[] = []
      for (const { limiter, keyOf } of counters) {
        const state = await limiter.penalty(keyOf(key))
        if (state.consumedPoints >= limiter.points) waits.push(secondsOf(state))
      }
      return waits.length > 0 ? Math.max(...waits) : undefined
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
  consume(key: string): Promise<void>
}

const NONE = { counters: [], counts: "every call" } as const

function countersOf(name: string, { also = [], lot, ...policy }: LimitPolicy, store: LimitStore): Counter[] {
  const first = openLimiter(name, policy, store)
  return [
    { limiter: first, keyOf: networkOf, consume: lot ? inLots(first, lot, tooMany) : consumerOf(first) },
    ...also.map(({ per, ...rule }): Counter => {
      if (per === "process") {
        const options = { keyPrefix: name, points: rule.points, duration: rule.perSeconds }
        const limiter = new RateLimiterMemory(options)
        return { limiter, keyOf: () => "all", consume: consumerOf(limiter) }
      }
      const keyOf = per === "network" ? wideNetworkOf : networkOf
      const limiter = openLimiter(`${name} ${per ?? ""}${rule.perSeconds}`, rule, store)
      return { limiter, keyOf, consume: consumerOf(limiter) }
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

const consumerOf = (limiter: RateLimiterAbstract) => async (key: string) => {
  try {
    await limiter.consume(key)
  } catch (refusal) {
    throw refusal instanceof RateLimiterRes ? tooMany(secondsOf(refusal)) : refusal
  }
}

const secondsOf = (state: RateLimiterRes): number => Math.max(1, Math.ceil(state.msBeforeNext / 1000))

/** Refuses for so many seconds. */
export const tooMany = (seconds: number): Problem =>
  new Problem("request.too-many", { headers: { "Retry-After": String(seconds) } })

/** What somebody is counted by who is known by more than an address: counters say nothing of who they are of, also when they have left. */
export const counterKey = (id: string): string => sha256(id).toString("base64url")

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
