import { type Lane, lanes } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"

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
