import { ask } from "../database.js"
import type { Check } from "../patient.js"
import { fail, ok, warn } from "../verdict.js"

// Beside each pool: who waits for NOTIFY keeps a connection (keys, revocations, three deliveries; the inbox's hints;
// the relay), and BullMQ has a pool of twelve where it runs on PostgreSQL.
const LISTENERS = { auth: 5, notifications: 1, worker: 1 }
const BULLMQ = 12
const POOL_SIZE = 10

/** There is room in max_connections for a set of processes, and for the next one beside it while it is replaced. */
export const connections: Check = {
  name: "connections",
  async run({ env, isLocal }) {
    const pool = Number(env.DB_POOL_SIZE ?? POOL_SIZE)
    const { auth, notifications, worker } = LISTENERS
    const needed = 3 * pool + auth + notifications + worker + (env.REDIS_URL ? 0 : BULLMQ)
    const [row] = await ask<{ room: number; others: number }>(env, ROOM)
    const { room = 0, others = 0 } = row ?? {}
    const found = `one process of each service takes up to ${needed} of ${room - others} that others leave`
    const todo = "raise max_connections, lower DB_POOL_SIZE, or put PgBouncer in front"
    if (needed > room - others) return fail(found, todo)
    // An `npm start` is not replaced side by side.
    if (!isLocal && 2 * needed > room - others)
      return warn(`${found}: no room to replace them side by side`, todo)
    return ok(found)
  },
}

const ROOM = `
  select current_setting('max_connections')::integer
           - current_setting('superuser_reserved_connections')::integer as room,
         (select count(*)::integer from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid()
            and coalesce(application_name, '') not similar to '(gatepost|bullmq)%') as others`
