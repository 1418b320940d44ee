import type { TestDatabase } from "@gatepost/testkit"

/** Holds a table against writers while `work` runs, which is told when to let go. */
export const withLockedTable = <Result>(
  db: TestDatabase,
  table: string,
  work: (release: () => void) => Promise<Result>,
): Promise<Result> => withLock(db, `lock table ${table} in share row exclusive mode`, work)

/** The same with what this statement locks. */
export async function withLock<Result>(
  db: TestDatabase,
  statement: string,
  work: (release: () => void) => Promise<Result>,
): Promise<Result> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let locked = () => {}
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve
  })
  const holding = db.database.transaction(async (trx) => {
    await trx.raw(statement)
    locked()
    await released
  })
  await isLocked
  try {
    return await work(release)
  } finally {
    release()
    await holding
  }
}

/** Waits until this many sessions of the database wait for a lock. */
export async function untilWaiting(db: TestDatabase, count: number): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (row && row.waiting >= count) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
