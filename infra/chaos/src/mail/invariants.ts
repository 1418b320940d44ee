import type { LedgerRow } from "./ledger.js"
import type { Arrived } from "./receiver.js"

// DELIVERY.md 5.5. I7 is measured (recovery.ts), I9 is the inbox's, I10 is measured (black-hole.ts).
const ENDS = new Set([
  "sent",
  "failed_permanent",
  "suppressed",
  "expired",
  "dead",
  "closed_uncertain",
  // Rests where its policy forbids another copy, until somebody decides or its time is over.
  "uncertain",
])
const MAY_HAVE_ARRIVED = new Set(["sent", "uncertain", "closed_uncertain"])

/** A rule, and the mails for which it does not hold. */
export interface Broken {
  rule: string
  ids: string[]
}

export const sentenceOf = ({ rule, ids }: Broken): string =>
  `${rule}, but ${ids.length}: ${ids.slice(0, 3).join(", ")}`

/** What must hold when everything has come to rest, and does not. */
export function brokenInvariants(facts: {
  rows: readonly LedgerRow[]
  /** Those whose commit was confirmed. */
  posted: ReadonlySet<string>
  arrived: Arrived
  recipients: ReadonlySet<string>
}): Broken[] {
  const { rows, posted, arrived } = facts
  const copies = (row: LedgerRow) => arrived.get(row.messageId) ?? []
  const known = new Set(rows.map(({ id }) => id))
  const ours = new Set(rows.map(({ messageId }) => messageId))

  const rules: [string, string[]][] = [
    ["I1 every committed mail is there", [...posted].filter((id) => !known.has(id))],
    ["I1, I8 every mail has come to an end", ids(rows.filter(({ state }) => !ENDS.has(state)))],
    ["I2 once: no second copy", ids(rows.filter((row) => row.policy === "once" && copies(row).length > 1))],
    ["I2 resend: no more copies than doubts", ids(rows.filter((row) => copies(row).length > 1 + row.doubts))],
    ["I3 what is sent has arrived", ids(rows.filter((row) => row.state === "sent" && !copies(row).length))],
    [
      "I3 what arrived is sent, or uncertain",
      ids(rows.filter((row) => copies(row).length > 0 && !MAY_HAVE_ARRIVED.has(row.state))),
    ],
    ["I4 nothing is handed over after its time", ids(rows.filter(({ late }) => late))],
    ["I5 all copies are the same", ids(rows.filter((row) => new Set(copies(row)).size > 1))],
    [
      "I6 nothing arrives that was taken back",
      [...facts.recipients].filter((to) => to.startsWith("taken-back")),
    ],
    ["I6 nothing arrives that was never written", [...arrived.keys()].filter((id) => !ours.has(id))],
  ]
  return rules.map(([rule, ids]) => ({ rule, ids })).filter(({ ids }) => ids.length > 0)
}

const ids = (rows: readonly LedgerRow[]) => rows.map(({ id }) => id)
