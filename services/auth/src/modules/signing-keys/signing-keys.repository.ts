import type { JsonWebKey } from "node:crypto"
import type { Db } from "@gatepost/postgres"

export interface SigningKeyRecord {
  kid: string
  publicJwk: JsonWebKey
  privateJwkSealed: Buffer
  activatesAt: Date
}

export const signingKeysRepository = (db: Db) => ({
  /** Every key that verifiers may still meet, the next ones first. */
  async listPublished(): Promise<SigningKeyRecord[]> {
    const { rows } = await db.raw(
      `select kid, public_jwk, private_jwk_sealed, activates_at from auth.signing_keys
       where retires_at is null or retires_at > now()
       order by activates_at desc, kid limit 20`,
    )
    return rows.map((row: Record<string, unknown>) => ({
      kid: row.kid,
      publicJwk: row.public_jwk,
      privateJwkSealed: row.private_jwk_sealed,
      activatesAt: row.activates_at,
    })) as SigningKeyRecord[]
  },

  /** The lock is held to the end of the transaction, so that two first starts make one key. */
  async lockKeys(): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('auth.signing_keys'))")
  },

  async insertKey(key: Omit<SigningKeyRecord, "activatesAt">): Promise<void> {
    await db.raw(
      `insert into auth.signing_keys (kid, public_jwk, private_jwk_sealed, activates_at)
       values (:kid, :publicJwk, :privateJwkSealed, now())`,
      { kid: key.kid, publicJwk: JSON.stringify(key.publicJwk), privateJwkSealed: key.privateJwkSealed },
    )
  },
})
