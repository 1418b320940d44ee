import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"

export type AuthMethod = "client_secret_basic" | "client_secret_post" | "private_key_jwt"

export interface ServiceClientRecord {
  clientId: string
  clientName: string
  scopes: string[]
  authMethod: AuthMethod
  /** Public keys; with `private_key_jwt` alone. */
  jwks: object | undefined
  createdAt: Date
  /** When its secrets end, the newest first; those that count. */
  secretsExpireAt: Date[]
}

interface ServiceClientRow {
  client_id: string
  client_name: string
  scopes: string[]
  token_endpoint_auth_method: AuthMethod
  jwks: object | null
  created_at: Date
  secrets_expire_at: Date[]
}

const SELECT = `select client_id, client_name, scopes, token_endpoint_auth_method, jwks, created_at,
    array(select expires_at from auth.service_client_secrets s
      where s.client_id = c.client_id and expires_at > now() order by created_at desc) as secrets_expire_at
  from auth.service_clients c where revoked_at is null`

export const serviceClientsRepository = (db: Db) => ({
  /** @returns whether no client has the name, nor had it */
  async insertClient(client: {
    clientId: string
    clientName: string
    scopes: readonly string[]
    authMethod: AuthMethod
    jwks: object | undefined
  }): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.service_clients (client_id, client_name, scopes, token_endpoint_auth_method, jwks)
       values (:clientId, :clientName, :scopes, :authMethod, :jwks) on conflict do nothing`,
      { ...client, scopes: [...client.scopes], jwks: client.jwks ? JSON.stringify(client.jwks) : null },
    )
    return rowCount === 1
  },

  async findLive(clientId: string): Promise<ServiceClientRecord | undefined> {
    const [row] = await prepared<ServiceClientRow>(db, {
      name: "find-service-client",
      text: `${SELECT} and client_id = $1`,
      values: [clientId],
    })
    return row && toRecord(row)
  },

  /** Until the transaction ends, others who would lock the client wait. */
  async lockLive(clientId: string): Promise<boolean> {
    const { rows } = await db.raw(
      "select 1 from auth.service_clients where client_id = ? and revoked_at is null for update",
      [clientId],
    )
    return rows.length === 1
  },

  async listLive(): Promise<ServiceClientRecord[]> {
    const { rows } = await db.raw(`${SELECT} order by client_id limit 1000`)
    return rows.map(toRecord)
  },

  async insertSecret(secret: { clientId: string; secretHash: Buffer; ttlSeconds: number }): Promise<Date> {
    const { rows } = await db.raw(
      `insert into auth.service_client_secrets (secret_hash, client_id, expires_at)
       values (:secretHash, :clientId, now() + make_interval(secs => :ttlSeconds)) returning expires_at`,
      { ...secret },
    )
    return rows[0].expires_at
  },

  /** Those there are end soon, unless they end sooner. */
  async updateSecretsEnding(clientId: string, inSeconds: number): Promise<void> {
    await db.raw(
      `update auth.service_client_secrets
       set expires_at = least(expires_at, now() + make_interval(secs => :inSeconds)) where client_id = :clientId`,
      { clientId, inSeconds },
    )
  },

  async isLiveSecret(clientId: string, secretHash: Buffer): Promise<boolean> {
    const { rows } = await db.raw(
      `select 1 from auth.service_client_secrets s join auth.service_clients c using (client_id)
       where s.client_id = ? and secret_hash = ? and expires_at > now() and revoked_at is null`,
      [clientId, secretHash],
    )
    return rows.length === 1
  },

  async updateRevoked(clientId: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      "update auth.service_clients set revoked_at = now() where client_id = ? and revoked_at is null",
      [clientId],
    )
    return rowCount === 1
  },

  deleteExpiredSecrets: (): Promise<number> =>
    deleteInBatches(db, "auth.service_client_secrets", "expires_at < now()"),
})

const toRecord = (row: ServiceClientRow): ServiceClientRecord => ({
  clientId: row.client_id,
  clientName: row.client_name,
  scopes: row.scopes,
  authMethod: row.token_endpoint_auth_method,
  jwks: row.jwks ?? undefined,
  createdAt: row.created_at,
  secretsExpireAt: row.secrets_expire_at,
})
