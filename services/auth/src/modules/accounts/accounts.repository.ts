import { type Db, deleteInBatches, isUniqueViolation, prepared } from "@gatepost/postgres"
import type { HashKind } from "../passwords/index.js"
import type { Account, AccountCredentials } from "./accounts.types.js"

export interface AccountRow {
  id: string
  email: string
  name: string | null
  locale: string | null
  email_verified_at: Date | null
  disabled_at: Date | null
  created_at: Date
  external_id: string | null
}

interface CredentialsRow extends AccountRow {
  password_hash: string | null
}

// `$2b$12$`, `$argon2id$v=19$m=19456,t=2,p=1$`
const HASH_KIND = "^([$]2[aby][$][0-9]{2}[$]|[$]argon2[a-z]+[$](?:v=[0-9]+[$])?[^$]+[$])"
const HASH_SAMPLE = 10_000

export const COLUMNS = "id, email, name, locale, email_verified_at, disabled_at, created_at, external_id"

const SIGNED_IN_SINCE = `select 1 from auth.accounts
  where id = ? and disabled_at is null and signed_out_at <= to_timestamp(?)`

export interface FirstAddress {
  email: string
  name?: string | undefined
  passwordHash?: string | undefined
  emailVerified?: boolean
}

export const accountsRepository = (db: Db) => ({
  /** @returns nothing where the email is taken, or kept for somebody: the transaction must not commit then */
  async insertAccount(account: {
    id: string
    email: string
    name: string | undefined
    locale: string | undefined
    /** None where they sign in by something else. */
    passwordHash: string | undefined
    /** Whether somebody proved the address before. */
    emailVerified?: boolean
  }) {
    const { id, email, name = null, locale = null, passwordHash = null, emailVerified = false } = account
    const { rows } = await db.raw(
      `insert into auth.accounts (id, email, name, locale, password_hash, email_verified_at)
       values (:id, :email, :name, :locale, :passwordHash, case when :emailVerified then now() end)
       on conflict (email) do nothing
       returning ${COLUMNS}`,
      { id, email, name, locale, passwordHash, emailVerified },
    )
    if (!rows[0] || (await findReserver(db, account.email))) return undefined
    return toAccount(rows[0])
  },

  /** Whether an address could become this account's. */
  async isFreeEmail(email: string, accountId: string): Promise<boolean> {
    const { rows } = await db.raw("select 1 from auth.accounts where email = ?", [email])
    const reserver = await findReserver(db, email)
    return rows.length === 0 && (reserver === undefined || reserver === accountId)
  },

  /**
   * Moves an account to an address that was proved just now; the old one may be kept from others for a while.
   *
   * @returns whether the account still had the old address, and the new one was free
   */
  async updateEmail(
    id: string,
    { from, to, reserveSeconds }: { from: string; to: string; reserveSeconds?: number },
  ): Promise<boolean> {
    if (!(await this.isFreeEmail(to, id))) return false
    const moved = await unlessTaken(db, (inner) =>
      inner.raw(
        `update auth.accounts set email = :to, email_verified_at = now(), updated_at = now()
         where id = :id and email = :from`,
        { id, from, to },
      ),
    )
    if (moved?.rowCount !== 1) return false
    await db.raw("delete from auth.reserved_emails where email = ?", [to])
    if (reserveSeconds === undefined) return true
    await db.raw(
      `insert into auth.reserved_emails (email, account_id, expires_at)
       values (:from, :id, now() + make_interval(secs => :reserveSeconds))
       on conflict (email) do update set account_id = excluded.account_id, expires_at = excluded.expires_at`,
      { id, from, reserveSeconds },
    )
    return true
  },

  /** @returns the account with its first address; nothing where that is taken */
  async updateGuest(
    guest: Account,
    { email, name, passwordHash, emailVerified = false }: FirstAddress,
  ): Promise<Account | undefined> {
    if (!(await this.isFreeEmail(email, guest.id))) return undefined
    const updated = await unlessTaken(db, (inner) =>
      inner.raw(
        `update auth.accounts set email = :email, name = coalesce(name, :name), updated_at = now(),
           password_hash = :passwordHash, email_verified_at = case when :emailVerified then now() end
         where id = :id and email = :from returning ${COLUMNS}`,
        {
          id: guest.id,
          from: guest.email,
          email,
          name: name ?? null,
          passwordHash: passwordHash ?? null,
          emailVerified,
        },
      ),
    )
    return updated?.rows[0] && toAccount(updated.rows[0])
  },

  deleteExpiredReservations: (): Promise<number> =>
    deleteInBatches(db, "auth.reserved_emails", "expires_at < now()"),

  async findByEmail(email: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where email = ?`, [email])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /** Until the transaction ends, others who would lock the account wait; sign-ins go on. */
  async lockById(id: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where id = ? for no key update`, [id])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /**
   * When (seconds since 1970) an active account still had this hash, if it has: whatever changes it next is
   * later. Until the transaction ends it keeps it.
   */
  async lockUnchanged(id: string, passwordHash: string): Promise<number | undefined> {
    const [row] = await prepared<{ at: number }>(db, {
      name: "lock-unchanged-account",
      text: `select extract(epoch from clock_timestamp())::float8 as at from auth.accounts
        where id = $1 and password_hash = $2 and disabled_at is null for share`,
      values: [id, passwordHash],
    })
    return row?.at
  },

  async findById(id: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where id = ?`, [id])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  /**
   * An active account, and the time (seconds since 1970) at which it was: whatever ends its sign-ins next is later.
   * Others who would lock it wait until the transaction ends.
   */
  async lockActive(id: string): Promise<{ account: Account; at: number } | undefined> {
    const { rows } = await db.raw(
      `select ${COLUMNS}, extract(epoch from clock_timestamp())::float8 as at
       from auth.accounts where id = ? and disabled_at is null for no key update`,
      [id],
    )
    return rows[0] && { account: toAccount(rows[0]), at: rows[0].at }
  },

  /** Whether it has a password. */
  async hasPassword(id: string): Promise<boolean> {
    const { rows } = await db.raw("select 1 from auth.accounts where id = ? and password_hash is not null", [
      id,
    ])
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
    const { rows } = await db.raw(SIGNED_IN_SINCE, [id, signedInAt])
    return rows.length === 1
  },

  /** The same; until the transaction ends it stays so. */
  async lockSignedInSince(id: string, signedInAt: number): Promise<boolean> {
    const { rows } = await db.raw(`${SIGNED_IN_SINCE} for share`, [id, signedInAt])
    return rows.length === 1
  },

  /**
   * From now on nobody counts as signed in who was before. The account has to be locked: now(), and a time
   * that was taken while waiting for the lock, may be before sign-ins that this has to end.
   */
  async updateSignedOut(id: string): Promise<void> {
    await db.raw("update auth.accounts set signed_out_at = clock_timestamp() where id = ?", [id])
  },

  async findCredentials(email: string): Promise<AccountCredentials | undefined> {
    const [row] = await prepared<CredentialsRow>(db, {
      name: "find-credentials",
      text: `select ${COLUMNS}, password_hash from auth.accounts where email = $1`,
      values: [email],
    })
    return row && { ...toAccount(row), passwordHash: row.password_hash ?? undefined }
  },

  /**
   * How many of the stored hashes begin like what, their algorithm and cost; of a large table, in a sample of it,
   * from the same blocks each time.
   */
  async listHashKinds(): Promise<HashKind[]> {
    const { rows } = await db.raw(
      `select substring(password_hash from :kind) collate "C" as prefix, count(*)::integer
       from auth.accounts tablesample system (
         (select least(100, 100.0 * :sampleSize / greatest(reltuples, 1))
          from pg_class where oid = 'auth.accounts'::regclass)
       ) repeatable (0)
       where password_hash ~ :kind
       group by 1 order by 1 limit 20`,
      { kind: HASH_KIND, sampleSize: HASH_SAMPLE },
    )
    return rows
  },

  /** Only where the hash is still the one that was checked, so that a reset in between wins. */
  async updatePasswordHash(id: string, change: { from?: string; to: string | null }): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.accounts set password_hash = :to, updated_at = now()
       where id = :id and (:from::text is null or password_hash = :from)`,
      { id, to: change.to, from: change.from ?? null },
    )
    return rowCount === 1
  },

  /** @returns whether the account was not so already */
  async updateSuspended(id: string, suspended: boolean): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.accounts set disabled_at = case when :suspended then now() end, updated_at = now()
       where id = :id and (disabled_at is null) = :suspended`,
      { id, suspended },
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

/** Whom an address is kept for, until they can take it back no more. */
async function findReserver(db: Db, email: string): Promise<string | undefined> {
  const { rows } = await db.raw(
    "select account_id from auth.reserved_emails where email = ? and expires_at > now()",
    [email],
  )
  return rows[0]?.account_id
}

/** An update has no `on conflict`, so it gets a savepoint to come back to. */
async function unlessTaken<Result>(
  db: Db,
  work: (inner: Db) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await db.transaction(work)
  } catch (cause) {
    if (isUniqueViolation(cause, "accounts_email_key")) return undefined
    throw cause
  }
}

export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email,
  name: row.name ?? undefined,
  locale: row.locale ?? undefined,
  emailVerified: row.email_verified_at !== null,
  isActive: row.disabled_at === null,
  createdAt: row.created_at,
  externalId: row.external_id ?? undefined,
})
