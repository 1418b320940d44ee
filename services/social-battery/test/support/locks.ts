import type { TestDatabase } from "@gatepost/testkit"
import pg from "pg"

/** Holds all batteries against writers while `work` runs, which may let go of them earlier. */
export async function withLockedBatteries<Result>(
  db: TestDatabase,
  work: (release: () => Promise<unknown>) => Promise<Result>,
): Promise<Result> {
  const holder = new pg.Client(db.url)
  await holder.connect()
  try {
    await holder.query("begin; lock table social_battery.batteries in share row exclusive mode")
    return await work(() => holder.query("commit"))
  } finally {
    await holder.end()
  }
}

/** Waits until somebody waits for a lock, and gives that connection's process id. */
export async function untilWaiting(db: TestDatabase): Promise<number> {
  for (;;) {
    const [row] = await db.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (row) return row.pid
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
