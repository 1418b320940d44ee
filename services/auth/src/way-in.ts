import type { Db } from "@gatepost/postgres"
import { accountsRepository } from "./modules/accounts/index.js"
import { passkeysRepository } from "./modules/passkeys/index.js"
import { identitiesRepository } from "./modules/social/index.js"

/**
 * Whether anybody can still sign in to an account without a mail: by a password, a passkey, or a provider. Asked in
 * the transaction that takes one of them away, under the account's lock, so that of two at once one stays.
 */
export async function hasWayIn(trx: Db, accountId: string): Promise<boolean> {
  if (await accountsRepository(trx).hasPassword(accountId)) return true
  if ((await identitiesRepository(trx).findCount(accountId)) > 0) return true
  return (await passkeysRepository(trx).countAll(accountId)) > 0
}
