/** What the load generator sends, over and over, on each of its connections. */
export interface Workload {
  url: string
  method: "GET" | "POST"
  /** In their values, and in the body, `{token}` stands for the token of the request. */
  headers?: Record<string, string>
  /** JSON, unless `headers` says otherwise. */
  body?: string
  tokens?: Tokens
  /** The status that every answer must have. */
  expect: number
  /** What the first answer on each connection must hold: some servers answer 200 to anybody. */
  contains?: string
  /** How many requests are in flight at any time, or with `perSecond` at most. */
  connections: number
  /** Sends so many a second; without, each connection sends its next request when it has its answer. */
  perSecond?: number
  /** Whether a 503 with Retry-After is no failure: the connection comes again when it is told to. */
  waitsWhenBusy?: boolean
}

export type Tokens =
  /** One after the other, and from the start again. */
  | { kind: "cycle"; values: string[] }
  /**
   * A connection each, or many that it goes through in turn; what the answer holds at `member`, such as
   * `data.refresh_token`, takes the place of the one that was sent.
   */
  | { kind: "chain"; values: string[]; member: string }
