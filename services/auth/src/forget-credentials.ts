import type { Db } from "@gatepost/postgres"
import { upstreamRevocationsRepository } from "./modules/social/index.js"

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
  await upstreamRevocationsRepository(trx).insertAll(accountId, { since })
  for (const [table, owner] of Object.entries(CREDENTIALS)) {
    await trx.raw(
      `delete from ${table} where ${owner} = :accountId and created_at >= coalesce(:since, '-infinity'::timestamptz)`,
      { accountId, since: since ?? null },
    )
  }
  // Whoever comes next is somebody new, and their sign-in is told of.
  await trx.raw("delete from auth.known_devices where account_id = ?", [accountId])
}
