/** What comes of presenting a token: the chain's token with this number, or nothing. */
export type Outcome = { successor: number } | "refused"

/**
 * What DESIGN.md D4 promises of one session's refresh tokens, which are numbered from 0, as far as whoever
 * presents them can tell.
 */
export interface ChainModel {
  readonly isAlive: boolean
  /** The newest token there is. */
  readonly newest: number
  /** How long ago the newest one was first given out. */
  readonly age: number
}

export const newChain: ChainModel = { isAlive: true, newest: 0, age: 0 }

export const wait = (chain: ChainModel, seconds: number): ChainModel => ({
  ...chain,
  age: chain.age + seconds,
})

export function present(
  chain: ChainModel,
  token: number,
  windowSeconds: number,
): { chain: ChainModel; outcome: Outcome } {
  if (!chain.isAlive) return { chain, outcome: "refused" }
  if (token === chain.newest) {
    return { chain: { isAlive: true, newest: token + 1, age: 0 }, outcome: { successor: token + 1 } }
  }
  // Sent again, since the answer was lost: nobody has used what it gave, and it is not long ago.
  const isRetry = token === chain.newest - 1 && chain.age < windowSeconds
  if (isRetry) return { chain, outcome: { successor: chain.newest } }
  return { chain: { ...chain, isAlive: false }, outcome: "refused" }
}
