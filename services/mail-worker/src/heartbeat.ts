import { type Claim, type Claims, HEARTBEAT_MS } from "@gatepost/mail-queue"

/** Gives a sign of life for each mail that takes long. */
export interface Heartbeat {
  /** Runs `work` with the claim among those that are renewed. */
  during<Result>(claim: Claim, work: () => Promise<Result>): Promise<Result>
  stop(): void
}

export function createHeartbeat(claims: Claims): Heartbeat {
  const inHand = new Map<Claim, number>()
  const timer = setInterval(() => {
    const late = Date.now() - HEARTBEAT_MS / 2
    const slow = [...inHand].filter(([, since]) => since < late).map(([claim]) => claim)
    // One that fails is made good by the next, and by the fence in any case.
    if (slow.length > 0) claims.renew(slow).catch(() => {})
  }, HEARTBEAT_MS)

  return {
    async during(claim, work) {
      inHand.set(claim, Date.now())
      try {
        return await work()
      } finally {
        inHand.delete(claim)
      }
    },
    stop: () => clearInterval(timer),
  }
}
