import type { Db } from "./database.js"

const BATCH = 1_000

/**
 * Deletes the rows of a condition, a thousand a statement: however many there are, none runs into the statement
 * timeout, and nobody waits for one long. Rows that somebody else holds are left for the next time.
 *
 * The condition is asked twice: in a partitioned table, rows of several partitions have the same `ctid`.
 *
 * @param table with its schema; it and the condition are SQL, never input
 * @returns how many rows were deleted
 */
export async function deleteInBatches(db: Db, table: string, condition: string): Promise<number> {
  let total = 0
  for (;;) {
    const { rowCount } = await db.raw(
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where ${condition} limit ${BATCH} for update skip locked))
         and (${condition})`,
    )
    total += rowCount ?? 0
    if ((rowCount ?? 0) < BATCH) return total
  }
}
