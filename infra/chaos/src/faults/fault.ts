import type { Stage, StageNeeds } from "../stage.js"
import { quantile } from "../statistics.js"

/** One promise of SECURITY.md section 4, and what is done to break it. */
export interface Fault {
  id: string
  promise: string
  /** What happens, in a few words. */
  fault: string
  /** The figures that the promise names. */
  expected: string
  needs?: StageNeeds
  /** Requests begun each second meanwhile; 0 for none. */
  perSecond?: number
  /** Does it so many times, at moments that the stage's seed chooses; people go about their business all the while. */
  inject(stage: Stage, rounds: number): Promise<Finding[]>
}

/** Something that was seen. Only what must hold on any machine fails a run: a time that was missed is shown. */
export interface Finding {
  text: string
  broken?: boolean
  missed?: boolean
}

/** What must hold. */
export const must = (text: string, holds: boolean): Finding => ({ text, broken: !holds })

/** How long something took, in ms; the longest of it beside what is promised on a machine of one's own. */
export function took(what: string, times: readonly number[], promised = Number.POSITIVE_INFINITY): Finding {
  const longest = Math.max(...times)
  const missed = longest > promised
  const aside = [
    ...(times.length > 1 ? [`longest ${seconds(longest)}`] : []),
    ...(missed ? [`promised ${seconds(promised)}`] : []),
  ]
  const middle = seconds(quantile(times, 0.5))
  return { text: `${what} ${middle}${aside.length > 0 ? ` (${aside.join(", ")})` : ""}`, missed }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(ms < 100 ? 3 : 1)} s`
