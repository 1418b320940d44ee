import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"

export interface ApiKeyRecord {
  id: string
  /** Of the one that was rotated first; its own, if that is itself. */
  firstId: string
  /** None: an operator's. */
  ownerId: string | undefined
  name: string
  scopes: string[]
  createdAt: Date
  expiresAt: Date
  lastUsedAt: Date | undefined
}

/** A key that counts, as it is checked. */
export interface CheckedApiKey extends ApiKeyRecord {
  secretHash: Buffer
  /** What its owner has, `<client id, or *> <role>` each. */
  roleGrants: string[]
  isUseNoted: boolean
}

interface ApiKeyRow {
  id: string
  first_id: string
  owner_id: string | null
  name: string
  scopes: string[]
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
}

interface CheckedRow extends ApiKeyRow {
  secret_hash: Buffer
  role_grants: string[]
  is_use_noted: boolean
}

const COLUMNS =
  "k.id, coalesce(k.first_id, k.id) as first_id, k.owner_id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at"
const LIVE = "k.revoked_at is null and k.expires_at > now()"

export const apiKeysRepository = (db: Db) => ({
  async insertKey(key: {
    id: string
    firstId?: string | undefined
    ownerId: string | undefined
    name: string
    scopes: readonly string[]
    secretHash: Buffer
    ttlSeconds: number
  }): Promise<ApiKeyRecord> {
    const { rows } = await db.raw(
      `insert into auth.api_keys as k (id, first_id, owner_id, name, scopes, secret_hash, expires_at)
       values (:id, :firstId, :ownerId, :name, :scopes, :secretHash, now() + make_interval(secs => :ttlSeconds))
       returning ${COLUMNS}`,
      { ...key, firstId: key.firstId ?? null, ownerId: key.ownerId ?? null, scopes: [...key.scopes] },
    )
    return toRecord(rows[0])
  },

  async countLive(ownerId: string): Promise<number> {
    const { rows } = await db.raw(
      `select count(*)::int as count from auth.api_keys k where owner_id = ? and rotated_at is null and ${LIVE}`,
      [ownerId],
    )
    return rows[0].count
  },

  /** @param ownerId none: those of operators */
  async listLive(ownerId: string | undefined): Promise<ApiKeyRecord[]> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from auth.api_keys k
       where owner_id is not distinct from ?::uuid and ${LIVE} order by created_at, id limit 1000`,
      [ownerId ?? null],
    )
    return rows.map(toRecord)
  },

  /** A live key of an owner gives way to its one successor, and ends then. */
  async updateRotated(
    id: string,
    ownerId: string | undefined,
    overlapSeconds: number,
  ): Promise<ApiKeyRecord | undefined> {
    const { rows } = await db.raw(
      `update auth.api_keys k
       set rotated_at = now(), expires_at = least(expires_at, now() + make_interval(secs => :overlapSeconds))
       where id = :id and owner_id is not distinct from :ownerId::uuid and rotated_at is null and ${LIVE}
       returning ${COLUMNS}`,
      { id, ownerId: ownerId ?? null, overlapSeconds },
    )
    return rows[0] && toRecord(rows[0])
  },

  /** A key that counts: neither over nor revoked, and its owner neither suspended nor gone. */
  async findChecked(id: string): Promise<CheckedApiKey | undefined> {
    const [row] = await prepared<CheckedRow>(db, {
      name: "find-api-key",
      text: `select ${COLUMNS}, k.secret_hash,
          coalesce(k.last_used_at > now() - interval '1 minute', false) as is_use_noted,
          array(select g.client_id || ' ' || g.role from auth.role_grants g where g.account_id = k.owner_id) as role_grants
        from auth.api_keys k left join auth.accounts a on a.id = k.owner_id
        where k.id = $1 and ${LIVE} and (k.owner_id is null or a.disabled_at is null)`,
      values: [id],
    })
    if (!row) return undefined
    const { secret_hash: secretHash, role_grants: roleGrants, is_use_noted: isUseNoted } = row
    return { ...toRecord(row), secretHash, roleGrants, isUseNoted }
  },

  async updateUsed(id: string): Promise<void> {
    await db.raw("update auth.api_keys set last_used_at = now() where id = ?", [id])
  },

  /** Those that a key followed end now: of each there is one in its overlap at most. */
  async updateFormerEnded({ id, firstId }: ApiKeyRecord): Promise<void> {
    await db.raw(
      `update auth.api_keys k set expires_at = now()
       where coalesce(first_id, id) = :firstId and id <> :id and rotated_at is not null and ${LIVE}`,
      { id, firstId },
    )
  },

  async updateRevoked(id: string, ownerId: string | undefined): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.api_keys k set revoked_at = now()
       where id = ? and owner_id is not distinct from ?::uuid and ${LIVE}`,
      [id, ownerId ?? null],
    )
    return rowCount === 1
  },

  deleteOld: (): Promise<number> =>
    deleteInBatches(db, "auth.api_keys", "least(expires_at, revoked_at) < now() - interval '30 days'"),
})

const toRecord = (row: ApiKeyRow): ApiKeyRecord => ({
  id: row.id,
  firstId: row.first_id,
  ownerId: row.owner_id ?? undefined,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at ?? undefined,
})
