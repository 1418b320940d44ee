import { type Db, prepared } from "@gatepost/postgres"
import type { Account, AccountCredentials } from "./accounts.types.js"

export interface AccountRow {
  id: string
  email: string
  name: string | null
  email_verified_at: Date | null
  disabled_at: Date | null
  created_at: Date
}

interface CredentialsRow extends AccountRow {
  password_hash: string | null
}

const COLUMNS = "id, email, name, email_verified_at, disabled_at, created_at"

export const accountsRepository = (db: Db) => ({
  async insertAccount(account: {
    id: string
    email: string
    name: string | undefined
    passwordHash: string
  }) {
    const { rows } = await db.raw(
      `insert into auth.accounts (id, email, name, password_hash)
       values (:id, :email, :name, :passwordHash)
       on conflict (email) do nothing
       returning ${COLUMNS}`,
      { ...account, name: account.name ?? null },
    )
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  async findByEmail(email: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where email = ?`, [email])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /** Until the transaction ends, others who would lock the account wait; sign-ins go on. */
  async lockById(id: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where id = ? for no key update`, [id])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /** Whether an active account still has this hash; until the transaction ends it keeps it. */
  async lockUnchanged(id: string, passwordHash: string): Promise<boolean> {
    const rows = await prepared(db, {
      name: "lock-unchanged-account",
      text: `select 1 from auth.accounts
        where id = $1 and password_hash = $2 and disabled_at is null for share`,
      values: [id, passwordHash],
    })
    return rows.length === 1
  },

  async findActive(id: string): Promise<Account | undefined> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from auth.accounts where id = ? and disabled_at is null`,
      [id],
    )
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /** Whether somebody who signed in at that time (seconds since 1970) still counts as signed in. */
  async isSignedInSince(id: string, signedInAt: number): Promise<boolean> {
    const { rows } = await db.raw(
      `select 1 from auth.accounts
       where id = ? and disabled_at is null and signed_out_at <= to_timestamp(?)`,
      [id, signedInAt],
    )
    return rows.length === 1
  },

  /** From now on nobody counts as signed in who was before. */
  async updateSignedOut(id: string): Promise<void> {
    await db.raw("update auth.accounts set signed_out_at = now() where id = ?", [id])
  },

  async findCredentials(email: string): Promise<AccountCredentials | undefined> {
    const [row] = await prepared<CredentialsRow>(db, {
      name: "find-credentials",
      text: `select ${COLUMNS}, password_hash from auth.accounts where email = $1`,
      values: [email],
    })
    return row && { ...toAccount(row), passwordHash: row.password_hash ?? undefined }
  },

  /** Only where the hash is still the one that was checked, so that a reset in between wins. */
  async updatePasswordHash(id: string, change: { from?: string; to: string }): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.accounts set password_hash = :to, updated_at = now()
       where id = :id and (:from::text is null or password_hash = :from)`,
      { id, to: change.to, from: change.from ?? null },
    )
    return rowCount === 1
  },

  async updateName(id: string, name: string): Promise<void> {
    await db.raw("update auth.accounts set name = ?, updated_at = now() where id = ?", [name, id])
  },

  /** Only while the account still has the address that was proved. */
  async updateEmailVerified(id: string, email: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.accounts set email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
       where id = ? and email = ?`,
      [id, email],
    )
    return rowCount === 1
  },
})

export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email,
  name: row.name ?? undefined,
  emailVerified: row.email_verified_at !== null,
  isActive: row.disabled_at === null,
  createdAt: row.created_at,
})
