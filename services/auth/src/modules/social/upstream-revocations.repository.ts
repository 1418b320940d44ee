import type { Db } from "@gatepost/postgres"
import type { DeliveryTable } from "../deliveries/index.js"
import { IDENTITIES_SEALED } from "./identities.repository.js"

/** Told when something is to be given back. */
export const CHANNEL = "upstream_revocations"

export interface RevocationFacts {
  upstreamClientId: string
  /** Null once it was given back. */
  tokenSealed: Buffer | null
}

export const REVOCATIONS: DeliveryTable<RevocationFacts> = {
  name: "auth.upstream_revocations",
  target: { column: "provider", type: "text" },
  facts: { upstreamClientId: "upstream_client_id", tokenSealed: "token_sealed" },
}

/** The same token, on its way back. */
export const REVOCATIONS_SEALED = {
  ...IDENTITIES_SEALED,
  table: "auth.upstream_revocations",
  column: "token_sealed",
}

export const upstreamRevocationsRepository = (db: Db) => ({
  /** Of all identities of an account that have a token, or of those that are meant. */
  async insertAll(
    accountId: string,
    meant: { id?: string | undefined; since?: Date | undefined } = {},
  ): Promise<void> {
    const { rowCount } = await db.raw(
      `insert into auth.upstream_revocations (id, provider, upstream_client_id, token_sealed)
       select id, provider, upstream_client_id, refresh_token_sealed from auth.identities
       where account_id = :accountId and refresh_token_sealed is not null
         and id = coalesce(:id, id) and created_at >= coalesce(:since, '-infinity'::timestamptz)
       on conflict do nothing`,
      { accountId, id: meant.id ?? null, since: meant.since ?? null },
    )
    if (rowCount) await db.raw("select pg_notify(?, '')", [CHANNEL])
  },

  async updateGivenBack(id: string): Promise<void> {
    await db.raw("update auth.upstream_revocations set token_sealed = null where id = ?", [id])
  },
})
