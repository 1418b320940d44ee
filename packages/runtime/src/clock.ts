/** The time of this process, for what is signed or cached here. Expiry of stored things is the database's to decide. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
