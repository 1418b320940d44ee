import type { Logger } from "@gatepost/runtime"
import type { Request, RequestHandler, Response } from "express"
import { addressOf } from "../context.js"
import { type Limiter, networkOf, tooMany } from "../limits.js"
import type { Problem } from "../problems/index.js"

const MAX_HELD = 10_000

/**
 * Stops an address from which too much was refused that nobody known had asked for: whoever looks for holes
 * (SECURITY.md section 2, the last row). It counts when the answer is known, and of what was answered well nothing, so
 * a good call costs no look at the counters: each process learns from its own refusals that there were too many.
 *
 * Somebody else may be at the same address, so this stops nothing that would have gone well: what is refused is told
 * no more than that it was too much, but for ways in that have better limits of their own.
 *
 * @param spares calls whose refusals are told as ever
 */
export function unknownCallers(options: {
  limiter: Limiter
  logger: Logger
  spares?: ((req: Request) => boolean) | undefined
}): RequestHandler {
  const { limiter, logger, spares = () => false } = options
  /** Until when (the process's clock, in milliseconds) a network is stopped. */
  const stopped = new Map<string, number>()

  return (req, res, next) => {
    const network = networkOf(addressOf(req))
    const seconds = stopped.size > 0 ? secondsLeft(network) : 0
    if (seconds > 0 && !spares(req)) res.locals.ifUnknown = tooMany(seconds)
    res.once("finish", () => {
      // What another limit refused was counted there.
      if (res.statusCode < 400 || res.statusCode >= 500 || res.statusCode === 429 || isKnown(res)) return
      count(network).catch((err: unknown) => logger.warn({ err }, "the limiter could not count a refusal"))
    })
    next()
  }

  function secondsLeft(network: string): number {
    const until = stopped.get(network)
    if (until === undefined) return 0
    const milliseconds = until - performance.now()
    if (milliseconds <= 0) stopped.delete(network)
    return Math.max(0, Math.ceil(milliseconds / 1000))
  }

  async function count(network: string): Promise<void> {
    const seconds = await limiter.refused("unknown-caller", network)
    if (seconds === undefined) return
    const [oldest] = stopped.keys()
    if (stopped.size >= MAX_HELD && oldest !== undefined) stopped.delete(oldest)
    stopped.set(network, performance.now() + seconds * 1000)
  }
}

/** Whoever asks is somebody, so what they are refused is no search for holes. */
export function markKnown(res: Response): void {
  res.locals.isKnown = true
}

const isKnown = (res: Response): boolean => res.locals.isKnown === true

/** What a refusal becomes where too many came before it. */
export function refusalOf(problem: Problem, res: Response): Problem {
  const refusal = res.locals.ifUnknown as Problem | undefined
  return refusal && !isKnown(res) && problem.status < 500 ? refusal : problem
}
