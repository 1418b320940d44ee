import type { Sample, Verdict } from "./load/client.js"

/** When something was broken on purpose, and what clients may see of it. */
export interface Trouble {
  from: number
  /** With the time in which it may still be felt. */
  until: number
  allows: readonly Verdict[]
}

export interface Judgement {
  requests: number
  good: number
  /** Not good, but allowed in the midst of that trouble. */
  excused: number
  /** Never allowed, or not then. */
  wrong: Sample[]
}

/** Whether each answer was one that the promise allows at its time. */
export function judge(samples: readonly Sample[], troubles: readonly Trouble[]): Judgement {
  const good = samples.filter(({ verdict }) => verdict === "good")
  const wrong = samples.filter(
    (sample) =>
      sample.verdict !== "good" &&
      !troubles.some(
        ({ from, until, allows }) =>
          allows.includes(sample.verdict) &&
          sample.startedAt <= until &&
          sample.startedAt + sample.ms >= from,
      ),
  )
  return {
    requests: samples.length,
    good: good.length,
    excused: samples.length - good.length - wrong.length,
    wrong,
  }
}
