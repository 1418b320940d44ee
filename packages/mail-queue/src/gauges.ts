import { type Lane, lanes } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"
import type { MailState } from "./post-office.js"
import type { Suppression } from "./suppression-list.js"

// Each half by its own small index.
const OLDEST_DUE = `
  select lane, extract(epoch from now() - least(
    (select min(not_before) from mail.messages
     where messages.lane = lanes.lane and enqueued_at is null and state in ('queued', 'retry_wait')
       and not_before <= now() and expires_at > now()),
    (select min(not_before) from mail.messages
     where messages.lane = lanes.lane and enqueued_at is not null and state in ('queued', 'retry_wait')
       and not_before <= now() and expires_at > now())
  ))::float8 as seconds
  from unnest(:lanes::text[]) as lanes (lane)`

/**
 * For how long the oldest mail of each lane has been due, in seconds; 0 where none is. It grows whenever mail
 * does not leave, whatever the reason: the one figure to raise an alarm by.
 */
export async function oldestDueSeconds({ db }: Database): Promise<Record<Lane, number>> {
  const { rows } = await db.raw<{ rows: { lane: Lane; seconds: number | null }[] }>(OLDEST_DUE, {
    lanes: [...lanes],
  })
  return Object.fromEntries(rows.map(({ lane, seconds }) => [lane, seconds ?? 0])) as Record<Lane, number>
}

/** How many mails of each lane may or may not have arrived, and wait for somebody to decide. */
export async function uncertainMails({ db }: Database): Promise<Record<Lane, number>> {
  const { rows } = await db.raw<{ rows: { lane: Lane; count: number }[] }>(
    "select lane, count(*)::integer as count from mail.messages where state = 'uncertain' group by lane",
  )
  const none = Object.fromEntries(lanes.map((lane) => [lane, 0]))
  return { ...none, ...Object.fromEntries(rows.map(({ lane, count }) => [lane, count])) } as Record<
    Lane,
    number
  >
}

export interface MailCount {
  lane: Lane
  state: MailState
  count: number
}

/** How many mails are in each state in which they still can be sent, by an index of those alone. */
export async function mailCounts({ db }: Database): Promise<MailCount[]> {
  const { rows } = await db.raw<{ rows: MailCount[] }>(
    "select lane, state, count(*)::integer as count from mail.messages where payload is not null group by lane, state",
  )
  return rows
}

/** How many addresses get no mail, by why. */
export async function suppressionCounts({ db }: Database): Promise<Record<Suppression["reason"], number>> {
  const { rows } = await db.raw<{ rows: { reason: Suppression["reason"]; count: number }[] }>(
    `select reason, count(*)::integer as count from mail.suppressions
     where expires_at is null or expires_at > now() group by reason`,
  )
  return { bounce: 0, operator: 0, ...Object.fromEntries(rows.map(({ reason, count }) => [reason, count])) }
}
