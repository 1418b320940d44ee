import type { Db } from "@gatepost/postgres"

export interface Passkey {
  id: string
  accountId: string
  credentialId: string
  publicKey: Buffer
  signCount: number
  transports: string[]
  /** Whether a provider keeps it for several devices. */
  isSynced: boolean
  name: string
  createdAt: Date
  lastUsedAt: Date | undefined
}

export type NewPasskey = Omit<Passkey, "createdAt" | "lastUsedAt"> & { aaguid: string }

const COLUMNS = `id, account_id, credential_id, public_key, sign_count, transports, is_synced, name,
  created_at, last_used_at`

export const passkeysRepository = (db: Db) => ({
  /** @returns whether nobody has this credential yet */
  async insertPasskey(passkey: NewPasskey): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.passkeys
         (id, account_id, credential_id, public_key, sign_count, transports, is_synced, aaguid, name)
       values (:id, :accountId, :credentialId, :publicKey, :signCount, :transports, :isSynced, :aaguid, :name)
       on conflict (credential_id) do nothing`,
      { ...passkey },
    )
    return rowCount === 1
  },

  async findByCredential(credentialId: string): Promise<Passkey | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.passkeys where credential_id = ?`, [
      credentialId,
    ])
    return rows[0] && toPasskey(rows[0])
  },

  /** Of an account, the oldest first; there are 20 at most. */
  async listOf(accountId: string): Promise<Passkey[]> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from auth.passkeys where account_id = ? order by created_at, id limit 20`,
      [accountId],
    )
    return rows.map(toPasskey)
  },

  async countAll(accountId: string): Promise<number> {
    const { rows } = await db.raw("select count(*)::int as count from auth.passkeys where account_id = ?", [
      accountId,
    ])
    return rows[0].count
  },

  /**
   * A use counts forward; authenticators that do not count always say 0 (WebAuthn section 6.1.1).
   *
   * @returns when, in seconds since 1970
   */
  async updateUsed(id: string, signCount: number): Promise<number | undefined> {
    const { rows } = await db.raw(
      `update auth.passkeys set sign_count = :signCount, last_used_at = now()
       where id = :id and (sign_count < :signCount or (sign_count = 0 and :signCount = 0))
       returning extract(epoch from clock_timestamp())::float8 as at`,
      { id, signCount },
    )
    return rows[0]?.at
  },

  async updateRegressed(id: string): Promise<void> {
    await db.raw("update auth.passkeys set regressed_at = now() where id = ?", [id])
  },

  async updateName(accountId: string, id: string, name: string): Promise<Passkey | undefined> {
    const { rows } = await db.raw(
      `update auth.passkeys set name = ? where id = ? and account_id = ? returning ${COLUMNS}`,
      [name, id, accountId],
    )
    return rows[0] && toPasskey(rows[0])
  },

  async deletePasskey(accountId: string, id: string): Promise<boolean> {
    const { rowCount } = await db.raw("delete from auth.passkeys where id = ? and account_id = ?", [
      id,
      accountId,
    ])
    return rowCount === 1
  },
})

const toPasskey = (row: Record<string, unknown>): Passkey =>
  ({
    id: row.id,
    accountId: row.account_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    signCount: Number(row.sign_count),
    transports: row.transports,
    isSynced: row.is_synced,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }) as Passkey
