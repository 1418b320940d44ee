import type { WithToken } from "./authorised.js"
import { retry } from "./backoff.js"
import { type Clock, limited } from "./clock.js"
import { NetworkError } from "./errors.js"
import type { Call, Transport } from "./transport.js"
import type { Accept } from "./wire.js"

export interface ApiDeps {
  transport: Transport
  withToken: WithToken
  clock: Clock
  random: () => number
  timeoutMs: number
  closed: AbortSignal
}

export type Api = ReturnType<typeof createApi>

/** Calls with a time limit; those that may be sent twice are, when the network fails. */
export function createApi({ transport, withToken, clock, random, timeoutMs, closed }: ApiDeps) {
  const retryOptions = { clock, random, patienceMs: 2 * timeoutMs, closed }
  const lateError = () => new NetworkError("timeout")

  const once = <Answer>(call: Call, accept: Accept<Answer>): Promise<Answer> =>
    limited(clock, (signal) => transport.send(call, accept, signal), { timeoutMs, lateError })

  const repeatable = <Answer>(call: Call, accept: Accept<Answer>): Promise<Answer> =>
    retry(() => once(call, accept), retryOptions)

  return {
    /** For writes that would act twice, or whose second answer would mislead. */
    once,
    repeatable,
    /** As the one who is signed in. */
    authorised: {
      once: <Answer>(call: Call, accept: Accept<Answer>) =>
        withToken(({ record }) => once({ ...call, accessToken: record.access_token }, accept)),
      repeatable: <Answer>(call: Call, accept: Accept<Answer>) =>
        withToken(({ record }) => repeatable({ ...call, accessToken: record.access_token }, accept)),
    },
  }
}
