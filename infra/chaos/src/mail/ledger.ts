import type { Site } from "@gatepost/fleet"
import type { Arrived } from "./receiver.js"

/** One mail as its row tells it at the end. */
export interface LedgerRow {
  id: string
  messageId: string
  policy: "resend" | "once"
  state: string
  /** How often it became uncertain. */
  doubts: number
  /** Whether it was marked after its time. */
  late: boolean
  /** Whether its time is over by now. */
  overdue: boolean
}

export const readLedger = (site: Site): Promise<LedgerRow[]> =>
  site.query<LedgerRow>(
    `select id, message_id as "messageId", policy, state, doubts,
            coalesce(handed_off_at >= expires_at, false) as late, expires_at <= now() as overdue
     from mail.messages`,
  )

/** What a run is worth. */
export interface Tally {
  mails: number
  /** Of those whose policy allows it: what arrived nowhere and is not said to be uncertain, or to have expired. */
  lost: number
  /** Second copies of mails that are sent once. */
  doubledOnce: number
  /** Second copies of mails that may be sent again. */
  doubledResend: number
  /** How often it became uncertain whether a mail was sent. */
  uncertain: number
  /** Uncertain to the end, and listed: of these so many had not arrived, some since their time was over by then. */
  listed: number
  listedUnarrived: number
  listedOverdue: number
  expired: number
}

const IN_DOUBT = new Set(["uncertain", "closed_uncertain"])

export function tally(rows: readonly LedgerRow[], posted: ReadonlySet<string>, arrived: Arrived): Tally {
  const copies = ({ messageId }: LedgerRow) => arrived.get(messageId)?.length ?? 0
  const extra = (policy: LedgerRow["policy"]) =>
    sum(rows.filter((row) => row.policy === policy).map((row) => Math.max(0, copies(row) - 1)))
  const listed = rows.filter(({ state }) => IN_DOUBT.has(state))
  const unarrived = listed.filter((row) => copies(row) === 0)
  const known = new Set(rows.map(({ id }) => id))
  const vanished = [...posted].filter((id) => !known.has(id)).length
  const silent = rows.filter(
    (row) => copies(row) === 0 && row.state !== "expired" && !IN_DOUBT.has(row.state),
  )

  return {
    mails: rows.length,
    lost: vanished + silent.length,
    doubledOnce: extra("once"),
    doubledResend: extra("resend"),
    uncertain: sum(rows.map(({ doubts }) => doubts)),
    listed: listed.length,
    listedUnarrived: unarrived.length,
    listedOverdue: unarrived.filter(({ overdue }) => overdue).length,
    expired: rows.filter(({ state }) => state === "expired").length,
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
