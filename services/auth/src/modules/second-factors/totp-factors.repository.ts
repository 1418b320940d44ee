import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import { deriveKey } from "@gatepost/runtime"

export interface TotpFactor {
  sealedSecret: Buffer
  sealedBy: string
  confirmedAt: Date | undefined
}

// Who begins to set up an app goes on within this time.
const PENDING_SINCE = "now() - interval '15 minutes'"
const PENDING = `created_at > ${PENDING_SINCE}`

const PURPOSE = "secrets of authenticator apps"

/** What of it is sealed, and with what; `keyId` says which key sealed a row, without a word of the key. */
export const TOTP_SEALED = {
  table: "auth.totp_factors",
  id: "account_id",
  column: "sealed_secret",
  purpose: PURPOSE,
  keyIdColumn: "sealed_by",
  keyId: (secret: string) => deriveKey(secret, `${PURPOSE}: key id`).toString("hex").slice(0, 16),
} as const

export const totpFactorsRepository = (db: Db) => ({
  async isOn(accountId: string): Promise<boolean> {
    const rows = await prepared(db, {
      name: "is-totp-on",
      text: "select from auth.totp_factors where account_id = $1 and confirmed_at is not null",
      values: [accountId],
    })
    return rows.length === 1
  },

  /** One that waits for its first code, in place of an earlier such one; @returns nothing where one is on */
  async insertPending(factor: { accountId: string; sealedSecret: Buffer; sealedBy: string }) {
    const { rowCount } = await db.raw(
      `insert into auth.totp_factors as f (account_id, sealed_secret, sealed_by)
       values (:accountId, :sealedSecret, :sealedBy)
       on conflict (account_id) do update
         set sealed_secret = excluded.sealed_secret, sealed_by = excluded.sealed_by, created_at = now(), last_step = 0
         where f.confirmed_at is null`,
      { ...factor },
    )
    return rowCount === 1
  },

  /** One that is on, or waits for its first code. */
  async findFactor(accountId: string, state: "on" | "pending"): Promise<TotpFactor | undefined> {
    const { rows } = await db.raw(
      `select sealed_secret as "sealedSecret", sealed_by as "sealedBy", confirmed_at as "confirmedAt"
       from auth.totp_factors
       where account_id = ? and ${state === "on" ? "confirmed_at is not null" : `confirmed_at is null and ${PENDING}`}`,
      [accountId],
    )
    return rows[0] && { ...rows[0], confirmedAt: rows[0].confirmedAt ?? undefined }
  },

  /** The one use of a step: neither it nor one before it is good again (RFC 6238 section 5.2). */
  async consumeStep(accountId: string, step: number): Promise<boolean> {
    const { rowCount } = await db.raw(
      "update auth.totp_factors set last_step = :step where account_id = :accountId and last_step < :step",
      { accountId, step },
    )
    return rowCount === 1
  },

  async updateConfirmed(accountId: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.totp_factors set confirmed_at = now()
       where account_id = ? and confirmed_at is null and ${PENDING}`,
      [accountId],
    )
    return rowCount === 1
  },

  async deleteFactor(accountId: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      "delete from auth.totp_factors where account_id = ? and confirmed_at is not null",
      [accountId],
    )
    return rowCount === 1
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.totp_factors", `confirmed_at is null and created_at <= ${PENDING_SINCE}`),
})
