import { deleteInBatches } from "./batches.js"
import type { Db } from "./database.js"

/** Deletes the counters of limits whose time is over, in a schema's table `rate_limits`; returns how many. */
export const deleteExpiredLimits = (db: Db, schema: string): Promise<number> =>
  deleteInBatches(db, `${schema}.rate_limits`, "expire < extract(epoch from now())::bigint * 1000")
