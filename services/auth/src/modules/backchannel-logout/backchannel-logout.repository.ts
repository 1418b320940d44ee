import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import type { Delivery, Outcome } from "./backchannel-logout.types.js"

/** Told when a delivery is committed; the trigger of migration 0012 has the same name. */
export const CHANNEL = "backchannel_logout"

/** How many deliveries a client can be sent now. */
export interface FreePlaces {
  clientId: string
  places: number
}

interface DeliveryRow {
  id: string
  client_id: string
  account_id: string
  session_id: string
  tries: number
  refusals: number
  age: number
}

export const backchannelLogoutRepository = (db: Db) => ({
  /** From now on these clients are told, and no others. */
  async updateClients(clientIds: readonly string[]): Promise<void> {
    await db.raw(
      `with gone as (
         delete from auth.backchannel_logout_clients where client_id <> all(:clientIds::text[])
       )
       insert into auth.backchannel_logout_clients (client_id) select unnest(:clientIds::text[])
       on conflict do nothing`,
      { clientIds },
    )
  },

  /** Those that are due, the oldest first, for this caller alone until the lease is over. */
  async claimDue(free: readonly FreePlaces[], leaseSeconds: number): Promise<Delivery[]> {
    const rows = await prepared<DeliveryRow>(db, {
      name: "claim-due-backchannel-logouts",
      text: `
        with due as materialized (
          select next.id
          from unnest($1::text[], $2::int[]) as free (client_id, places)
          cross join lateral (
            select id from auth.backchannel_logouts
            where client_id = free.client_id and ended_at is null and due_at <= now()
            order by due_at limit free.places for update skip locked
          ) next
        )
        update auth.backchannel_logouts l
        set tries = tries + 1, due_at = now() + make_interval(secs => $3)
        from due where l.id = due.id
        returning l.id, client_id, account_id, session_id, tries, refusals,
          extract(epoch from now() - created_at)::int as age`,
      values: [free.map(({ clientId }) => clientId), free.map(({ places }) => places), leaseSeconds],
    })
    return rows.map((row) => ({
      id: row.id,
      clientId: row.client_id,
      accountId: row.account_id,
      sessionId: row.session_id,
      tries: row.tries,
      refusals: row.refusals,
      age: row.age,
    }))
  },

  /** Only while the try is the last one: a process that was away for longer than its lease changes nothing. */
  async updateEnded({ id, tries }: Delivery, outcome: Outcome, answer: string): Promise<void> {
    await db.raw(
      `update auth.backchannel_logouts set ended_at = now(), outcome = :outcome, last_answer = :answer
       where id = :id and tries = :tries and ended_at is null`,
      { id, tries, outcome, answer },
    )
  },

  /** The same for one that is to be tried again. */
  async updateDue(
    { id, tries }: Delivery,
    next: { inSeconds: number; refusals: number; answer: string },
  ): Promise<void> {
    await db.raw(
      `update auth.backchannel_logouts
       set due_at = now() + make_interval(secs => :inSeconds), refusals = :refusals, last_answer = :answer
       where id = :id and tries = :tries and ended_at is null`,
      { id, tries, ...next },
    )
  },

  /** Seconds since the oldest session ended that a client was not told of, by client. */
  async listOldest(): Promise<{ clientId: string; age: number }[]> {
    const { rows } = await db.raw(
      `select client_id as "clientId", extract(epoch from now() - min(created_at))::int as age
       from auth.backchannel_logouts where ended_at is null group by client_id`,
    )
    return rows
  },

  deleteOld: (): Promise<number> =>
    deleteInBatches(db, "auth.backchannel_logouts", "created_at < now() - interval '8 days'"),
})

export type BackchannelLogoutRepository = ReturnType<typeof backchannelLogoutRepository>
