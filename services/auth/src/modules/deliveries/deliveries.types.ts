/** Somebody elsewhere is to be told of something. */
export interface Delivery {
  id: string
  /** Who is to be told. */
  targetId: string
  /** This one included. */
  tries: number
  /** How many of them the target refused. */
  refusals: number
  /** Seconds since it happened. */
  age: number
}

export type Outcome = "delivered" | "refused" | "expired"

/** Where deliveries are kept: names of tables and columns, never input. */
export interface DeliveryTable<Facts> {
  name: string
  target: { column: string; type: "text" | "uuid" }
  /** What else a delivery knows, by the columns it stands in. */
  facts: { [Name in keyof Facts]: string }
}

/** What came of one try. `refused`: the target took it for wrong, or could not do it. */
export interface TryResult {
  kind: "delivered" | "refused" | "failed" | "blocked"
  /** In a word or two. */
  answer: string
}

export interface RetryPolicy {
  longestPauseSeconds: number
  giveUpSeconds: number
  maxRefusals: number
}
