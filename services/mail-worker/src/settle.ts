import { setTimeout as sleep } from "node:timers/promises"
import type { Claim, Claims } from "@gatepost/mail-queue"
import { isUnavailable } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { retryDelaySeconds } from "./retry-delay.js"
import type { SendResult } from "./transport.js"

/** How an attempt ended; `withdrawn`: expired, or taken over by another worker, before it left. */
export type Verdict = SendResult | { kind: "withdrawn" }

export interface SettleOptions {
  claims: Claims
  logger: Logger
  /** Told of each attempt whose outcome is stored. */
  record(claim: Claim, verdict: Verdict): void
}

export type Settle = (claim: Claim, verdict: Verdict) => Promise<void>

const STORE_ATTEMPTS = 60
const STORE_INTERVAL_MS = 500

/** Stores, counts and logs what became of an attempt. */
export function createSettle({ claims, logger, record }: SettleOptions): Settle {
  return async (claim, verdict) => {
    const held = await untilStored(() => store(claims, claim, verdict))
    // What was overtaken is counted by whoever overtook it.
    if (held) record(claim, verdict)
    const { id, kind, lane, attempt } = claim
    const level = verdict.kind === "accepted" && held ? "info" : "warn"
    logger[level]({ mail: id, kind, lane, attempt, outcome: verdict, held }, "a mail was tried")
  }
}

function store(claims: Claims, claim: Claim, verdict: Verdict): Promise<boolean> {
  switch (verdict.kind) {
    case "accepted":
      return claims.markSent(claim, verdict.serverId)
    case "refused":
      return claims.markFailed(claim, verdict.reason, { bounced: verdict.bounced })
    case "deferred":
    case "unavailable":
      return claims.markRetry(claim, verdict.reason, retryDelaySeconds(claim, verdict, Math.random()))
    case "unanswered":
      return claims.markUncertain(claim, verdict.reason)
    case "withdrawn":
      return claims.markExpired(claim)
  }
}

/** A mail that has left must be known to have left, even if PostgreSQL restarts just now. */
async function untilStored(store: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store()
    } catch (cause) {
      if (attempt === STORE_ATTEMPTS || !isUnavailable(cause)) throw cause
      await sleep(STORE_INTERVAL_MS)
    }
  }
}
