import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface OidcArtifact {
  model: string
  id: string
  /** JSON */
  payload: string
  userCode: string | undefined
  ttlSeconds: number
}

export interface StoredArtifact {
  id: string
  payload: Record<string, unknown>
  /** Seconds since 1970. */
  consumedAt: number | undefined
}

type LookupColumn = "id" | "user_code"

export const oidcArtifactsRepository = (db: Db) => ({
  async upsertArtifact(artifact: OidcArtifact): Promise<void> {
    await db.raw(
      `insert into auth.oidc_artifacts (model, id, payload, user_code, expires_at)
       values (:model, :id, :payload, :userCode, now() + make_interval(secs => :ttlSeconds))
       on conflict (model, id) do update set payload = excluded.payload,
         user_code = excluded.user_code, expires_at = excluded.expires_at`,
      bindings(artifact),
    )
  },

  /** @returns whether there was none of this id */
  async insertArtifact(artifact: OidcArtifact): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.oidc_artifacts as a (model, id, payload, expires_at)
       values (:model, :id, :payload, now() + make_interval(secs => :ttlSeconds))
       on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at
         where a.expires_at <= now()`,
      bindings(artifact),
    )
    return rowCount === 1
  },

  async findArtifact(
    model: string,
    column: LookupColumn,
    value: string,
  ): Promise<StoredArtifact | undefined> {
    const { rows } = await db.raw(
      `select id, payload, extract(epoch from consumed_at)::int as consumed_at
       from auth.oidc_artifacts where model = ? and ${column} = ? and expires_at > now()`,
      [model, value],
    )
    const [row] = rows
    return row && { id: row.id, payload: row.payload, consumedAt: row.consumed_at ?? undefined }
  },

  async deleteArtifact(model: string, id: string): Promise<void> {
    await db.raw("delete from auth.oidc_artifacts where model = ? and id = ?", [model, id])
  },

  /** @returns whether this call was the one use */
  async consumeArtifact(model: string, id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.oidc_artifacts set consumed_at = now()
       where model = ? and id = ? and consumed_at is null and expires_at > now()`,
      [model, id],
    )
    return rowCount === 1
  },

  /** @returns whether nobody had said yes or no to this device before */
  async updateUndecidedDevice(id: string, payload: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.oidc_artifacts set payload = :payload
       where model = 'DeviceCode' and id = :id and expires_at > now()
         and payload -> 'inFlight' is null and payload -> 'error' is null`,
      { id, payload },
    )
    return rowCount === 1
  },

  deleteExpired: (): Promise<number> => deleteInBatches(db, "auth.oidc_artifacts", "expires_at < now()"),
})

const bindings = (artifact: OidcArtifact) => ({
  ...artifact,
  userCode: artifact.userCode ?? null,
})
