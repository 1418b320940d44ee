/** A client's session has ended, and the client is to be told. */
export interface Delivery {
  /** `jti` of its logout tokens. */
  id: string
  clientId: string
  /** `sub` */
  accountId: string
  /** `sid` */
  sessionId: string
  /** This one included. */
  tries: number
  /** How many of them the client answered with 400. */
  refusals: number
  /** Seconds since the session ended. */
  age: number
}

export type Outcome = "delivered" | "refused" | "expired"
