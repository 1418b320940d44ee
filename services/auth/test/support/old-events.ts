import type { TestDatabase } from "@gatepost/testkit"

/** Audit events that are older than they are to be kept. */
export const insertOldEvents = (db: TestDatabase) =>
  db.query(
    `insert into auth.audit_events (event, outcome, at)
     select 'session.refused', 'failure', now() - interval '500 days' from generate_series(1, 3)`,
  )
