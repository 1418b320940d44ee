import type { JsonWebKey } from "node:crypto"
import type { Db } from "@gatepost/postgres"
import type { KeyTimes } from "./schedule.js"

export interface SigningKeyRecord extends KeyTimes {
  kid: string
  publicJwk: JsonWebKey
  privateJwkSealed: Buffer
  /** The database's time when it was read. */
  readAt: Date
}

export type NewSigningKey = Pick<SigningKeyRecord, "kid" | "publicJwk" | "privateJwkSealed">

export interface SigningKeyHistory extends KeyTimes {
  kid: string
  createdAt: Date
  revokedAt: Date | undefined
  readAt: Date
}

/** Says that the keys changed, without saying how. */
export const CHANNEL = "auth_signing_keys"

// More than may ever be published at once, so that no living key is cut off.
const PUBLISHED_LIMIT = 100
const HISTORY_LIMIT = 50

/** What of it is sealed, and with what. */
export const SIGNING_KEYS_SEALED = {
  table: "auth.signing_keys",
  id: "kid",
  column: "private_jwk_sealed",
  purpose: "signing keys",
} as const

// Its clock is not now(), which is when the transaction began: it may have waited for the lock since.
export const signingKeysRepository = (db: Db) => ({
  /** Every key that verifiers may still meet, the last one to sign first. */
  async listPublished(): Promise<SigningKeyRecord[]> {
    const { rows } = await db.raw(
      `select kid, public_jwk, private_jwk_sealed, activates_at, retires_at, clock_timestamp() as read_at
       from auth.signing_keys
       where retires_at is null or retires_at > clock_timestamp()
       order by activates_at desc, number desc limit ${PUBLISHED_LIMIT}`,
    )
    return rows.map((row: Record<string, unknown>) => ({
      kid: row.kid,
      publicJwk: row.public_jwk,
      privateJwkSealed: row.private_jwk_sealed,
      activatesAt: row.activates_at,
      retiresAt: row.retires_at ?? undefined,
      readAt: row.read_at,
    })) as SigningKeyRecord[]
  },

  /** The keys of the past as well, the last one to sign first. */
  async listHistory(): Promise<SigningKeyHistory[]> {
    const { rows } = await db.raw(
      `select kid, created_at, activates_at, retires_at, revoked_at, clock_timestamp() as read_at
       from auth.signing_keys order by activates_at desc, number desc limit ${HISTORY_LIMIT}`,
    )
    return rows.map((row: Record<string, unknown>) => ({
      kid: row.kid,
      createdAt: row.created_at,
      activatesAt: row.activates_at,
      retiresAt: row.retires_at ?? undefined,
      revokedAt: row.revoked_at ?? undefined,
      readAt: row.read_at,
    })) as SigningKeyHistory[]
  },

  /** Whether there was ever a key, even where none is left. */
  async hasHadKeys(): Promise<boolean> {
    const { rows } = await db.raw("select is_called from auth.signing_keys_number_seq")
    return rows[0].is_called
  },

  /** The lock is held to the end of the transaction: one process at a time changes the keys. */
  async lockKeys(): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('auth.signing_keys'))")
  },

  /** Returns when it signs. */
  async insertKey(key: NewSigningKey, activatesInSeconds: number): Promise<Date> {
    const { rows } = await db.raw(
      `insert into auth.signing_keys (kid, public_jwk, private_jwk_sealed, activates_at)
       values (:kid, :publicJwk, :privateJwkSealed,
         clock_timestamp() + make_interval(secs => :activatesInSeconds))
       returning activates_at`,
      { ...key, publicJwk: JSON.stringify(key.publicJwk), activatesInSeconds },
    )
    return rows[0].activates_at
  },

  /** Has a key sign from now on, and returns when that is. */
  async updateActivation(kid: string): Promise<Date> {
    const { rows } = await db.raw(
      "update auth.signing_keys set activates_at = clock_timestamp() where kid = ? returning activates_at",
      [kid],
    )
    return rows[0].activates_at
  },

  async updateRevocation(kid: string): Promise<void> {
    await db.raw(
      `update auth.signing_keys
       set revoked_at = clock_timestamp(), retires_at = clock_timestamp(), private_jwk_sealed = null
       where kid = ?`,
      [kid],
    )
  },

  /**
   * Derives when each published key retires from when its successor signs. A revoked key was a successor
   * only if it came to sign.
   */
  async updateRetirements(retireSeconds: number): Promise<void> {
    await db.raw(
      `update auth.signing_keys as key
       set retires_at = successor.activates_at + make_interval(secs => :retireSeconds)
       from (
         select kid, lead(activates_at) over (order by activates_at, number) as activates_at
         from auth.signing_keys where revoked_at is null or activates_at <= revoked_at
       ) as successor
       where key.kid = successor.kid and key.revoked_at is null
         and (key.retires_at is null or key.retires_at > clock_timestamp())`,
      { retireSeconds },
    )
  },

  /** Erases the private halves of keys that are gone; returns how many. */
  async updateGone(): Promise<number> {
    const { rowCount } = await db.raw(
      `update auth.signing_keys set private_jwk_sealed = null
       where private_jwk_sealed is not null and retires_at < clock_timestamp()`,
    )
    return rowCount
  },

  /** Wakes every process when the transaction is committed. */
  async notifyProcesses(): Promise<void> {
    await db.raw("select pg_notify(?, '')", [CHANNEL])
  },
})

export type SigningKeysRepository = ReturnType<typeof signingKeysRepository>
