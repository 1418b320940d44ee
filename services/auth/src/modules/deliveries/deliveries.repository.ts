import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import type { Delivery, DeliveryTable, Outcome } from "./deliveries.types.js"

/** How many deliveries a target can be sent now. */
export interface FreePlaces {
  targetId: string
  places: number
}

export function deliveriesRepository<Facts>(db: Db, { name, target, facts }: DeliveryTable<Facts>) {
  const columns = Object.entries<string>(facts).map(([fact, column]) => `, l.${column} as "${fact}"`)

  return {
    /** Those that are due, the oldest first, for this caller alone until the lease is over. */
    claimDue(free: readonly FreePlaces[], leaseSeconds: number): Promise<(Delivery & Facts)[]> {
      return prepared<Delivery & Facts>(db, {
        name: `claim-due of ${name}`,
        text: `
          with due as materialized (
            select next.id
            from unnest($1::${target.type}[], $2::int[]) as free (target, places)
            cross join lateral (
              select id from ${name}
              where ${target.column} = free.target and ended_at is null and due_at <= now()
              order by due_at limit free.places for update skip locked
            ) next
          )
          update ${name} l
          set tries = tries + 1, due_at = now() + make_interval(secs => $3)
          from due where l.id = due.id
          returning l.id, l.${target.column} as "targetId", l.tries, l.refusals,
            extract(epoch from now() - l.created_at)::int as age${columns.join("")}`,
        values: [free.map(({ targetId }) => targetId), free.map(({ places }) => places), leaseSeconds],
      })
    },

    /** Only while the try is the last one: a process that was away for longer than its lease changes nothing. */
    async updateEnded({ id, tries }: Delivery, outcome: Outcome, answer: string): Promise<void> {
      await db.raw(
        `update ${name} set ended_at = now(), outcome = :outcome, last_answer = :answer
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
        `update ${name}
         set due_at = now() + make_interval(secs => :inSeconds), refusals = :refusals, last_answer = :answer
         where id = :id and tries = :tries and ended_at is null`,
        { id, tries, ...next },
      )
    },

    /** Seconds since the oldest thing happened that a target was not told of, by target. */
    async listOldest(): Promise<{ targetId: string; age: number }[]> {
      const { rows } = await db.raw(
        `select ${target.column} as "targetId", extract(epoch from now() - min(created_at))::int as age
         from ${name} where ended_at is null group by ${target.column}`,
      )
      return rows
    },

    deleteOld: (): Promise<number> => deleteInBatches(db, name, "created_at < now() - interval '8 days'"),
  }
}

export type DeliveriesRepository<Facts> = ReturnType<typeof deliveriesRepository<Facts>>
