import { setTimeout as sleep } from "node:timers/promises"
import type { Lane } from "@gatepost/contracts"
import type { Claim, Claims } from "@gatepost/mail-queue"
import { isUnavailable } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { composeMail } from "./compose-mail.js"
import { retryDelaySeconds } from "./retry-delay.js"
import type { MailTransport } from "./transport.js"
import { type Verdict, verdictOf, WithdrawnError } from "./verdict.js"

/** What became of a job; `skipped`: there was nothing to do, another has it or it is at its end. */
export type SendOutcome =
  | { kind: "sent" | "retry" | "withdrawn" | "skipped" | "unknown-mail" }
  | { kind: "refused"; reason: string }

export type SendMail = (id: string, options: { takeOver: boolean }) => Promise<SendOutcome>

const STORE_ATTEMPTS = 20
const STORE_INTERVAL_MS = 1_000

/**
 * Makes the one thing this service does: claim a mail, render it, send it, store what became of it.
 *
 * @param options.renewEveryMs how often a mail that is being sent shows a sign of life; well below the
 *   sweeper's limit
 */
export function createSendMail(options: {
  claims: Claims
  transports: Record<Lane, MailTransport>
  renewEveryMs: number
  logger: Logger
}): SendMail {
  const { claims, transports, renewEveryMs, logger } = options

  return async (id, { takeOver }) => {
    const claim = await claims.claim(id, { takeOver })
    if (!claim) return { kind: (await claims.exists(id)) ? "skipped" : "unknown-mail" }

    // A failed renewal is made good by the next one, and by `confirm` in any case.
    const renewal = setInterval(() => void claims.renew(claim).catch(() => {}), renewEveryMs)
    try {
      const verdict = await attempt(claim)
      await untilStored(() => store(claim, verdict))
      report(claim, verdict)
      return verdict
    } finally {
      clearInterval(renewal)
    }
  }

  async function attempt(claim: Claim): Promise<Verdict> {
    try {
      const mail = composeMail(claim, claims.open(claim))
      const { serverId } = await transports[claim.lane].send(mail, async () => {
        // Check 107, and the fence against a worker that slept while another took over.
        if (!(await claims.confirm(claim))) throw new WithdrawnError("expired, or no longer ours")
      })
      return { kind: "sent", serverId }
    } catch (cause) {
      return verdictOf(cause)
    }
  }

  async function store(claim: Claim, verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case "sent":
        return void (await claims.markSent(claim, verdict.serverId))
      case "refused":
        return void (await claims.markFailed(claim, verdict.reason))
      case "retry": {
        const delaySeconds = retryDelaySeconds(claim.lane, claim.attempt, Math.random())
        return void (await claims.markRetry(claim, verdict.reason, delaySeconds))
      }
      case "withdrawn":
        return void (await claims.markExpired(claim))
    }
  }

  function report({ id, kind, lane, attempt }: Claim, verdict: Verdict): void {
    const level = verdict.kind === "sent" ? "info" : "warn"
    logger[level]({ mail: id, kind, lane, attempt, outcome: verdict }, "a mail was tried")
  }
}

/** A mail that has left must be known to have left, even if PostgreSQL restarts just now. */
async function untilStored(store: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store()
    } catch (cause) {
      if (attempt === STORE_ATTEMPTS || !isUnavailable(cause)) throw cause
      await sleep(STORE_INTERVAL_MS)
    }
  }
}
