import { delayAfter, isTransient } from "./backoff.js"
import { type Clock, sleep } from "./clock.js"
import { NetworkError } from "./errors.js"

type Decision<Answer> = { answer: Answer } | { refusal: unknown }
type Outcome<Answer> = Decision<Answer> | { failure: unknown }

export interface Perseverance {
  clock: Clock
  random: () => number
  /** An attempt that is silent for so long gets another beside it. */
  resendAfterMs: number
  /** How long to go on. */
  windowMs: number
  /** Asked before each further attempt. */
  mayGoOn: () => Promise<boolean>
  signal: AbortSignal
}

/**
 * Sends a call that the server answers alike however often it comes, until there is an answer. An attempt
 * that is slow is not given up: on a line with 30 s of latency a late answer is the only one there is.
 *
 * @returns nothing if `mayGoOn` said no
 * @throws the refusal, or once the time is over the last failure
 */
export async function persevere<Answer>(
  send: (signal: AbortSignal) => Promise<Answer>,
  options: Perseverance,
): Promise<Answer | undefined> {
  const { clock, random, resendAfterMs, windowMs, mayGoOn, signal } = options
  const stop = new AbortController()
  const onAbort = () => stop.abort(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener("abort", onAbort)
  const giveUpAt = clock.now() + windowMs
  const [decided, decide] = deferred<Decision<Answer>>()

  const attempt = async (): Promise<Outcome<Answer>> => {
    const outcome = await outcomeOf(send(stop.signal))
    if (!("failure" in outcome)) decide(outcome)
    return outcome
  }
  /** Gives what was decided meanwhile. */
  const pause = (ms: number): Promise<Decision<Answer> | undefined> =>
    Promise.race([decided, sleep(clock, ms, stop.signal).then(() => undefined)])

  try {
    for (let failures = 1; ; failures++) {
      const outcome = await Promise.race([attempt(), pause(resendAfterMs)])
      if (outcome && !("failure" in outcome)) return conclude(outcome)

      const failure = outcome?.failure ?? new NetworkError("timeout")
      const delay = delayAfter(failures, failure, random)
      const left = giveUpAt - clock.now()
      const late = await pause(Math.max(0, Math.min(delay, left)))
      if (late) return conclude(late)
      if (delay >= left) throw failure
      if (!(await mayGoOn())) return undefined
    }
  } finally {
    signal.removeEventListener("abort", onAbort)
    stop.abort()
  }
}

async function outcomeOf<Answer>(attempt: Promise<Answer>): Promise<Outcome<Answer>> {
  try {
    return { answer: await attempt }
  } catch (error) {
    return isTransient(error) ? { failure: error } : { refusal: error }
  }
}

function conclude<Answer>(decision: Decision<Answer>): Answer {
  if ("answer" in decision) return decision.answer
  throw decision.refusal
}

function deferred<Value>(): [Promise<Value>, (value: Value) => void] {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return [promise, resolve]
}
