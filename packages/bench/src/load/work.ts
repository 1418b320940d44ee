/** What was done in one slot of a round. */
export interface Work {
  count: number
  seconds: number
  p50Ms?: number | undefined
  p99Ms?: number | undefined
  /** Share of one core that the load generator used: near 1 it was the limit, not the subject. */
  generatorBusy?: number | undefined
  /** Sign-ins a second that went on beside it. */
  signInsPerSecond?: number | undefined
  /** What the subject's process held at the end. */
  memoryMib?: number | undefined
  /** What a user takes up in the database. */
  bytesPerUser?: number | undefined
}
