import type { Sample, Verdict } from "./load/client.js"

/** When something was broken on purpose, and what clients may see of it. */
export interface Trouble {
  from: number
  /** With the time in which it may still be felt. */
  until: number
  allows: readonly Verdict[]
  /** Not of the fault: this machine had no time for it. Told apart, since a fault of ours may look the same. */
  isBusy?: boolean
}

export interface Judgement {
  requests: number
  good: number
  /** Not good, but allowed in the midst of that trouble. */
  excused: number
  /** Told to come again while this machine was too busy, and nothing else allowed it. */
  starved: number
  /** Never allowed, or not then. */
  wrong: Sample[]
}

/** Whether each answer was one that the promise allows at its time. */
export function judge(samples: readonly Sample[], troubles: readonly Trouble[]): Judgement {
  const good = samples.filter(({ verdict }) => verdict === "good")
  const isAllowed = (sample: Sample, by: readonly Trouble[]) =>
    by.some(
      ({ from, until, allows }) =>
        allows.includes(sample.verdict) && sample.startedAt <= until && sample.startedAt + sample.ms >= from,
    )
  const bad = samples.filter(({ verdict }) => verdict !== "good")
  const own = troubles.filter(({ isBusy }) => !isBusy)
  const unexplained = bad.filter((sample) => !isAllowed(sample, own))
  const wrong = unexplained.filter((sample) => !isAllowed(sample, troubles))
  return {
    requests: samples.length,
    good: good.length,
    excused: bad.length - unexplained.length,
    starved: unexplained.length - wrong.length,
    wrong,
  }
}
