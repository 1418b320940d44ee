import type { Sealer } from "@gatepost/runtime"
import type { Knex } from "knex"
import { deleteInBatches } from "./batches.js"
import type { Database } from "./database.js"

/** One use of an `Idempotency-Key`, as the HTTP edge read it. */
export interface IdempotencyKey {
  /** Route and caller: equal keys of two callers never meet. */
  scope: string
  key: string
  /** SHA-256 of the request's body. */
  fingerprint: Buffer
}

export type IdempotentOutcome<Result> =
  | { kind: "done"; result: Result }
  /** The key came before with another body: nothing was done. */
  | { kind: "mismatch" }

export interface Idempotency {
  /**
   * Runs `work` in a transaction, once per key: the answer is stored in that same transaction, so a
   * retry after a lost connection or a crash gets it back (DESIGN.md D17). Without a key, just runs it.
   * The result must survive JSON. A parallel use of the same key waits for the first.
   */
  run<Result>(
    key: IdempotencyKey | undefined,
    work: (trx: Knex.Transaction) => Promise<Result>,
  ): Promise<IdempotentOutcome<Result>>
  /** Whether the key came before and is not forgotten: a retry, which does nothing new. */
  isKnown(key: IdempotencyKey): Promise<boolean>
  /** Forgets the keys whose time is over; returns how many. */
  sweep(): Promise<number>
}

/** @param options.schema the owner's schema, which has a table `idempotency_keys` */
export function createIdempotency(options: {
  database: Database
  schema: string
  ttlSeconds: number
  sealer: Sealer
}): Idempotency {
  const { database, ttlSeconds, sealer } = options
  const table = `${options.schema}.idempotency_keys`

  return {
    async run(key, work) {
      return database.transaction(async (trx) => {
        if (!key) return { kind: "done", result: await work(trx) }

        const context = `${key.scope} ${key.key}`
        if (!(await claim(trx, key))) {
          const earlier = await trx(table)
            .where({ scope: key.scope, key: key.key })
            .first("fingerprint", "answer")
          if (!earlier?.fingerprint.equals(key.fingerprint)) return { kind: "mismatch" }
          return { kind: "done", result: JSON.parse(sealer.open(earlier.answer, context)) }
        }
        const result = await work(trx)
        const answer = sealer.seal(JSON.stringify(result), context)
        await trx(table).where({ scope: key.scope, key: key.key }).update({ answer })
        return { kind: "done", result }
      })
    },
    async isKnown({ scope, key }) {
      const found = await database.db(table).where({ scope, key }).whereRaw("expires_at > now()").first("key")
      return found !== undefined
    },
    sweep: () => deleteInBatches(database.db, table, "expires_at < now()"),
  }

  async function claim(trx: Knex.Transaction, key: IdempotencyKey): Promise<boolean> {
    const { rows } = await trx.raw(
      `insert into ${table} as earlier (scope, key, fingerprint, expires_at)
       values (:scope, :key, :fingerprint, now() + make_interval(secs => :ttlSeconds))
       on conflict (scope, key) do update
         set fingerprint = excluded.fingerprint, answer = null, expires_at = excluded.expires_at
         where earlier.expires_at < now()
       returning key`,
      { ...key, ttlSeconds },
    )
    return rows.length === 1
  }
}
