/** A promise that something else than this harness puts to the proof. */
export interface Proof {
  id: string
  promise: string
  fault: string
  /** What was seen, and where it is shown. */
  proof: string
}

export const proofs: readonly Proof[] = []
