import type { Site } from "@gatepost/fleet"
import type { Acknowledged } from "../load/journal.js"
import { brokenInvariants, sentenceOf } from "../mail/invariants.js"
import { readLedger, type Tally, tally } from "../mail/ledger.js"
import type { Arrived } from "../mail/receiver.js"
import { readState, type State } from "./state.js"

export interface Verdicts {
  /** Acknowledged, and not there. */
  lost: string[]
  /** There more often than once. */
  doubled: string[]
  /** There by half, or by nobody's word. */
  halves: string[]
  mails: Tally
}

/** Whether all that was acknowledged is there, each effect once and none by half: at rest. */
export async function examine(
  site: Site,
  acknowledged: readonly Acknowledged[],
  arrived: Arrived,
  recipients: Set<string>,
): Promise<Verdicts> {
  const state = await readState(site)
  const rows = await readLedger(site)
  const posted = new Set<string>()
  const broken = brokenInvariants({ rows, posted, arrived, recipients })
  return {
    lost: [...lostOf(acknowledged, state), ...unmailed(acknowledged, state)],
    doubled: state.doubled,
    halves: [...state.halves, ...broken.map(sentenceOf)],
    mails: tally(rows, posted, arrived),
  }
}

/** What was acknowledged is in the state. */
export function lostOf(acknowledged: readonly Acknowledged[], state: State): string[] {
  return acknowledged.filter((entry) => !isThere(entry, state)).map((entry) => JSON.stringify(entry))
}

function isThere(entry: Acknowledged, state: State): boolean {
  switch (entry.op) {
    case "register":
      return state.accounts.get(entry.email) === entry.id
    case "verify":
      return state.verified.has(entry.id)
    case "login":
      return state.tokens.has(entry.head)
    case "refresh":
      return state.tokens.get(entry.head) === entry.spent && state.consumed.has(entry.spent)
    case "send":
      return state.notifications.get(entry.id) === entry.key
    case "forgot":
      return state.mails.has(`reset-password ${entry.email}`)
    case "reset":
      return state.resets.has(entry.id)
  }
}

/** Whoever was told that they are registered has a mail. */
const unmailed = (acknowledged: readonly Acknowledged[], state: State) =>
  acknowledged.flatMap((entry) =>
    entry.op === "register" && !state.mails.has(`verify-email ${entry.email}`)
      ? [`no mail to ${entry.email}`]
      : [],
  )
