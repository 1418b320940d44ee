import { EgressRefused } from "@gatepost/egress"
import type { Logger } from "@gatepost/runtime"
import type { DeliveriesRepository } from "./deliveries.repository.js"
import type { Delivery, RetryPolicy, TryResult } from "./deliveries.types.js"
import { nextOf } from "./retries.js"

export interface SenderDeps<Facts> {
  /** What is delivered, in the log. */
  what: string
  repository: DeliveriesRepository<Facts>
  policy: RetryPolicy
  /** Sends once. What it throws is a failure, or, of `EgressRefused`, a block. */
  send(delivery: Delivery & Facts): Promise<TryResult>
  /** What the log says of one. */
  factsOf(delivery: Delivery & Facts): object
  onTry(delivery: Delivery, result: TryResult): void
  logger: Logger
}

/** One try of a delivery, with what comes of it stored; never rejects. */
export function createSender<Facts>(deps: SenderDeps<Facts>): (delivery: Delivery & Facts) => Promise<void> {
  const { what, repository, policy, logger } = deps

  return async (delivery) => {
    const result = await tryOnce(delivery)
    deps.onTry(delivery, result)
    await store(delivery, result).catch((cause: unknown) => {
      logger.warn(
        { err: cause, ...deps.factsOf(delivery) },
        `a ${what} was not noted as sent: it will be sent again`,
      )
    })
  }

  async function tryOnce(delivery: Delivery & Facts): Promise<TryResult> {
    try {
      return await deps.send(delivery)
    } catch (cause) {
      const { name, message, code } = cause as NodeJS.ErrnoException
      if (cause instanceof EgressRefused) return { kind: "blocked", answer: message }
      return { kind: "failed", answer: code ?? name }
    }
  }

  async function store(delivery: Delivery & Facts, result: TryResult): Promise<void> {
    const next = nextOf(delivery, result, policy)
    const { answer } = result
    const facts = { ...deps.factsOf(delivery), answer }
    if (next.kind === "again") {
      logger.info(facts, `a ${what} was not delivered, and will be tried again`)
      return repository.updateDue(delivery, { ...next, answer })
    }
    if (next.outcome !== "delivered") logger.warn(facts, `a ${what} is given up`)
    return repository.updateEnded(delivery, next.outcome, answer)
  }
}
