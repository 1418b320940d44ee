import type { Lane } from "@gatepost/contracts"

// Somebody waits for a code; a newsletter may spare a server that is struggling. Mails are tried until they
// expire, so the cap also says how soon they leave once the server is back: within a minute.
const SECONDS: Record<Lane, { first: number; cap: number }> = {
  otp: { first: 1, cap: 20 },
  transactional: { first: 2, cap: 40 },
  bulk: { first: 5, cap: 50 },
}

/**
 * How long to wait before the next attempt: exponential, capped, and with full jitter, so that mails that
 * failed together don't come back together.
 *
 * @param mail.attempt the attempt that failed, 1 for the first
 * @param answer.waitSeconds what the server is known to ask for at least
 * @param random from 0 to 1
 */
export function retryDelaySeconds(
  { lane, attempt }: { lane: Lane; attempt: number },
  { waitSeconds = 0 }: { waitSeconds?: number },
  random: number,
): number {
  const { first, cap } = SECONDS[lane]
  return waitSeconds + random * Math.min(cap, first * 2 ** Math.min(attempt, 20))
}
