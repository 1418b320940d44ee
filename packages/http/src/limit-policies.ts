export interface Rule {
  points: number
  perSeconds: number
}

export interface LimitPolicy extends Rule {
  /** Further rules that the same call counts for: over longer times, for wider networks, or for all callers of a process. */
  also?: readonly (Rule & { per?: "network" | "process" })[]
  /**
   * Mobile carriers share addresses, so most count only what fails. Where a secret could be guessed,
   * each call counts before its work and is taken back after a success: else a burst gets through (check 39).
   */
  counts: "every call" | "failures" | "failures, from the start"
  /**
   * For what comes often: a process takes so many calls at a time from the common count, and most calls ask nobody.
   * No more than the limit get through; of a lot that a process does not use up, others have nothing.
   */
  lot?: number
}

/**
 * Limits (SECURITY.md section 2; docs/limits.md has them as a table), per client address if nothing else is said.
 * A route names one; `none` is a decision, not an omission.
 */
export const limitPolicies = {
  none: undefined,
  register: {
    points: 10,
    perSeconds: 3600,
    also: [
      { points: 30, perSeconds: 86_400 },
      // So that one who has a wide network does not use up what follows.
      { points: 60, perSeconds: 3600, per: "network" },
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
  // Of one authorization code.
  code: { points: 10, perSeconds: 60, counts: "every call" },
  // What nobody who is known was refused for, per address and over all routes: whoever looks for holes.
  "unknown-caller": { points: 300, perSeconds: 60, counts: "failures" },
  // Per mailbox that somebody is registered with, …
  "register-address": { points: 3, perSeconds: 3600, counts: "every call" },
  // … and per account: whoever has its token makes no stock of ways in.
  "new-key": { points: 10, perSeconds: 3600, counts: "every call" },
  "new-passkey": { points: 10, perSeconds: 3600, counts: "every call" },
  // Per person at a resource server of ours.
  caller: { points: 600, perSeconds: 60, counts: "every call", lot: 20 },
} as const satisfies Record<string, LimitPolicy | undefined>

export type LimitName = keyof typeof limitPolicies
