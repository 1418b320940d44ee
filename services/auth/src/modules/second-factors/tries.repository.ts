import type { Db } from "@gatepost/postgres"

export type CountedMethod = "totp" | "recovery-code"

export interface Try {
  /** With this one, since the last success. */
  consecutive: number
  /** Whether the owner was not told of failures for an hour. */
  mayTell: boolean
}

// SECURITY.md section 2.
const WINDOW = "window_started_at > now() - interval '5 minutes'"
const DAY = "day_started_at > now() - interval '1 day'"
const MAX_PER_WINDOW = 5
const MAX_PER_DAY = 20
/** After so many wrong codes in a row none is taken, until another proof ends that. */
export const MAX_CONSECUTIVE = 20

export const triesRepository = (db: Db) => ({
  /** Counts a try before anything is compared; nothing where none is left. */
  async updateTried(accountId: string, method: CountedMethod): Promise<Try | undefined> {
    const { rows } = await db.raw(
      `insert into auth.second_factor_tries as t (account_id, method, window_tries, day_tries, consecutive)
       values (:accountId, :method, 1, 1, 1)
       on conflict (account_id, method) do update set
         window_started_at = case when t.${WINDOW} then t.window_started_at else now() end,
         window_tries = case when t.${WINDOW} then t.window_tries else 0 end + 1,
         day_started_at = case when t.${DAY} then t.day_started_at else now() end,
         day_tries = case when t.${DAY} then t.day_tries else 0 end + 1,
         consecutive = t.consecutive + 1
       where not (t.${WINDOW} and t.window_tries >= ${MAX_PER_WINDOW})
         and not (t.${DAY} and t.day_tries >= ${MAX_PER_DAY})
         and (t.method <> 'totp' or t.consecutive < ${MAX_CONSECUTIVE})
       returning consecutive, told_at is null or told_at < now() - interval '1 hour' as "mayTell"`,
      { accountId, method },
    )
    return rows[0]
  },

  /** A right try was none of those that count, and ends what wrong ones of any method led to. */
  async updateForgiven(accountId: string, method?: CountedMethod): Promise<void> {
    await db.raw(
      `update auth.second_factor_tries set consecutive = 0,
         window_tries = window_tries - case when method = :method then 1 else 0 end,
         day_tries = day_tries - case when method = :method then 1 else 0 end
       where account_id = :accountId`,
      { accountId, method: method ?? null },
    )
  },

  async updateTold(accountId: string, method: CountedMethod): Promise<void> {
    await db.raw("update auth.second_factor_tries set told_at = now() where account_id = ? and method = ?", [
      accountId,
      method,
    ])
  },

  async isPaused(accountId: string): Promise<boolean> {
    const { rows } = await db.raw(
      `select from auth.second_factor_tries
       where account_id = ? and method = 'totp' and consecutive >= ${MAX_CONSECUTIVE}`,
      [accountId],
    )
    return rows.length === 1
  },
})
