import type { Db } from "@gatepost/postgres"

/** Deletes all that is kept of an address, in the caller's transaction: mails, sent or not, and what was noted of it. */
export async function forgetAddress(trx: Db, address: string): Promise<void> {
  await trx.raw("select mail.forget(?)", [address])
}
