import { ask } from "../database.js"
import type { Check } from "../patient.js"
import { fail, ok, type Verdict, warn } from "../verdict.js"

// BullMQ on PostgreSQL compares this machine's time with locks of four seconds; verifiers allow tokens a minute.
const WARN_SECONDS = 2
const FAIL_SECONDS = 30

/** This machine and PostgreSQL agree on the time. */
export const clock: Check = {
  name: "clock",
  async run({ env }) {
    const asked = Date.now()
    const [row] = await ask<{ at: Date; started: Date }>(env, "select clock_timestamp() as at")
    const answered = Date.now()
    return judgeSkew((row?.at.getTime() ?? 0) - (asked + answered) / 2, (answered - asked) / 2)
  },
}

/** @param skewMs how far PostgreSQL is ahead; @param uncertainMs what the way there and back makes of it */
export function judgeSkew(skewMs: number, uncertainMs: number): Verdict {
  const seconds = Math.max(0, Math.abs(skewMs) - uncertainMs) / 1000
  const found = `${seconds.toFixed(1)} s between this machine and PostgreSQL`
  const todo = "run chrony or systemd-timesyncd on both"
  if (seconds >= FAIL_SECONDS) return fail(found, todo)
  return seconds >= WARN_SECONDS ? warn(found, todo) : ok(found)
}
