import { type Db, deleteExpiredLimits, prepared } from "@gatepost/postgres"

/** So many in so many seconds, from the first one on. */
export interface Window {
  key: string
  points: number
  perSeconds: number
}

export interface Count {
  key: string
  points: number
  secondsLeft: number
}

const NOW_MS = "(extract(epoch from clock_timestamp()) * 1000)::bigint"

/** Counters of sign-ins, in the table and the form of the other limits; each call is one statement. */
export const countersRepository = (db: Db) => ({
  /** Counts one more in each window, in an order that lets no two calls wait for each other. */
  async countAll(windows: Window[]): Promise<Count[]> {
    return prepared<Count>(db, {
      name: "count-sign-in",
      text: `
        insert into auth.rate_limits as r (key, points, expire)
        select key, 1, ${NOW_MS} + seconds * 1000
        from unnest($1::text[], $2::bigint[]) as windows (key, seconds) order by key
        on conflict (key) do update set
          points = case when r.expire > ${NOW_MS} then r.points + 1 else 1 end,
          expire = case when r.expire > ${NOW_MS} then r.expire else excluded.expire end
        returning key, points, ceil((expire - ${NOW_MS}) / 1000.0)::integer as "secondsLeft"`,
      values: [windows.map(({ key }) => key), windows.map(({ perSeconds }) => perSeconds)],
    })
  },

  /** Takes one back from each, and forgets others wholly. */
  async takeBack(keys: string[], forgotten: string[]): Promise<void> {
    await prepared(db, {
      name: "take-back-sign-in",
      text: `
        with mine as (
          select key from auth.rate_limits where key = any($1::text[] || $2::text[]) order by key for update
        )
        update auth.rate_limits r
        set points = case when r.key = any($2::text[]) then 0 else greatest(r.points - 1, 0) end
        from mine where r.key = mine.key`,
      values: [keys, forgotten],
    })
  },

  deleteExpired: (): Promise<number> => deleteExpiredLimits(db, "auth"),
})
