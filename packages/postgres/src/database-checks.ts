import type { Database } from "./database.js"

// SECURITY.md R11: tokens are made by this machine's clock, and their lives in the database told by that one.
const MAX_SKEW_MS = 5_000
const TIMEOUT_MS = 1_000

/**
 * Two checks for `/readyz` by one look: `database`, and `clock`, which fails when this machine's clock and PostgreSQL's are
 * more than five seconds apart. While the database is away nobody can tell, and the former says so.
 *
 * @param now in ms since 1970
 */
export function databaseChecks({ db }: Pick<Database, "db">, now: () => number = Date.now) {
  let look: Promise<number> | undefined

  async function measureSkew(): Promise<number> {
    const asked = now()
    const { rows } = await db
      .raw("select (extract(epoch from clock_timestamp()) * 1000)::float8 as now")
      .timeout(TIMEOUT_MS)
    const theirs: number = rows[0].now
    return Math.max(0, asked - theirs, theirs - now())
  }
  const skew = () => {
    look ??= measureSkew().finally(() => {
      look = undefined
    })
    return look
  }

  return {
    database: async () => void (await skew()),
    async clock() {
      const ms = await skew().catch(() => 0)
      if (ms > MAX_SKEW_MS) throw new Error(`this machine's clock is ${Math.round(ms)} ms from PostgreSQL's`)
    },
  }
}
