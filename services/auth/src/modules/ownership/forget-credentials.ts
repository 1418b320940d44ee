import type { Db } from "@gatepost/postgres"

/**
 * Takes away what signs in to an account besides the password, in the caller's transaction.
 *
 * @param since only what was added from then on; all, if unset
 */
export type ForgetCredentials = (trx: Db, accountId: string, since?: Date) => Promise<void>

/** Whose each is, in what column. */
const CREDENTIALS = {
  "auth.identities": "account_id",
  "auth.passkeys": "account_id",
  "auth.totp_factors": "account_id",
  "auth.recovery_codes": "account_id",
  "auth.remembered_devices": "account_id",
  "auth.api_keys": "owner_id",
}

export const forgetCredentials: ForgetCredentials = async (trx, accountId, since) => {
  // What takes a consent back upstream is given back there, as when somebody leaves.
  const { rowCount } = await trx.raw(
    `insert into auth.upstream_revocations (id, provider, upstream_client_id, token_sealed)
     select id, provider, upstream_client_id, refresh_token_sealed from auth.identities
     where account_id = :accountId and refresh_token_sealed is not null
       and created_at >= coalesce(:since, '-infinity'::timestamptz)
     on conflict do nothing`,
    { accountId, since: since ?? null },
  )
  if (rowCount) await trx.raw("select pg_notify('upstream_revocations', '')")
  for (const [table, owner] of Object.entries(CREDENTIALS)) {
    await trx.raw(
      `delete from ${table} where ${owner} = :accountId and created_at >= coalesce(:since, '-infinity'::timestamptz)`,
      { accountId, since: since ?? null },
    )
  }
  // Whoever comes next is somebody new, and their sign-in is told of.
  await trx.raw("delete from auth.known_devices where account_id = ?", [accountId])
}
