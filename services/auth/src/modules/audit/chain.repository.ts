import type { Db } from "@gatepost/postgres"
import type { Forgotten, Sealed } from "./chain.js"

export interface StoredSeal extends Sealed {
  events: number
  firstId: string
  lastId: string
}

/** An event as the chain knows it. */
export interface ChainedEvent {
  id: string
  digest: Buffer
  /** Whether it is what it was when it was sealed. */
  isSound: boolean
  /** Whether what was personal of it has gone, though nobody has gone. */
  isErasedForNoReason: boolean
}

/** Where the chain begins: the last seal that was forgotten. */
export interface AuditBase extends Forgotten {
  mac: Buffer
}

const utc = (time: string) => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const SEAL = `number::float8, hash, events, first_id as "firstId", last_id as "lastId"`

export const chainRepository = (db: Db) => ({
  /** One process at a time, to the end of the transaction; @returns whether it is this one */
  async lockChain(): Promise<boolean> {
    const { rows } = await db.raw(
      "select pg_try_advisory_xact_lock(hashtext('gatepost audit chain')) as locked",
    )
    return rows[0].locked
  },

  async findNewestSeal(): Promise<Sealed | undefined> {
    const { rows } = await db.raw(`select ${SEAL} from auth.audit_seals order by number desc limit 1`)
    return rows[0]
  },

  async findHead(): Promise<{ number: number; mac: Buffer } | undefined> {
    const { rows } = await db.raw("select number::float8, mac from auth.audit_head")
    return rows[0]
  },

  async listUnsealed(limit: number): Promise<{ id: string; digest: Buffer }[]> {
    const { rows } = await db.raw(
      `select id, auth.audit_digest(e) as digest from auth.audit_events e
       where seal is null order by id limit ?`,
      [limit],
    )
    return rows
  },

  async insertSeal(ids: string[], { number, hash }: Sealed, mac: Buffer): Promise<void> {
    await db.raw("select auth.seal_audit_events(?, ?, ?, ?)", [ids, number, hash, mac])
  },

  async listSeals(after: number, limit: number): Promise<StoredSeal[]> {
    const { rows } = await db.raw(
      `select ${SEAL} from auth.audit_seals where number > ? order by number limit ?`,
      [after, limit],
    )
    return rows
  },

  async listSealed(number: number): Promise<ChainedEvent[]> {
    const { rows } = await db.raw(
      `select id, coalesce(digest, '') as digest,
         digest is not distinct from auth.audit_digest(e)
           and (salt is null or personal_digest is not distinct from auth.audit_personal_digest(e)) as "isSound",
         salt is null and not exists (
           select from auth.audit_events gone
           where gone.account_id = e.account_id and gone.event = 'account.deleted' and gone.outcome = 'success'
         ) and not exists (
           -- What said so may have been forgotten just before.
           select from auth.audit_base b where e.at < b.last_at + interval '1 day'
         ) as "isErasedForNoReason"
       from auth.audit_events e where seal = ? order by id`,
      [number],
    )
    return rows
  },

  async findBase(): Promise<AuditBase | undefined> {
    const { rows } = await db.raw(
      `select number::float8, hash, mac, ${utc("last_at")} as "lastAt" from auth.audit_base`,
    )
    return rows[0]
  },

  /**
   * The oldest seal, where all its events are older than that many days; never the newest one. Their own times say so,
   * which the seal proves.
   */
  async findOldSeal(days: number): Promise<(StoredSeal & Forgotten) | undefined> {
    const { rows } = await db.raw(
      `select ${SEAL}, ${utc("newest.at")} as "lastAt" from (
         select * from auth.audit_seals order by number limit 1
       ) oldest
       cross join lateral (select max(at) as at from auth.audit_events where seal = oldest.number) newest
       where newest.at < now() - make_interval(days => :days)
         and exists (select from auth.audit_seals newer where newer.number > oldest.number)`,
      { days },
    )
    return rows[0]
  },

  /** @returns how many events went with it */
  async deleteSeal({ number }: Sealed, mac: Buffer): Promise<number> {
    const { rows } = await db.raw("select auth.forget_audit_seal(?, ?) as deleted", [number, mac])
    return rows[0].deleted
  },

  async countUnsealed(): Promise<number> {
    const { rows } = await db.raw(
      "select count(*)::integer as count from auth.audit_events where seal is null",
    )
    return rows[0].count
  },
})
