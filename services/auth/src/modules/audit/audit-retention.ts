import type { Database } from "@gatepost/postgres"
import { baseMac } from "./chain.js"
import { chainRepository } from "./chain.repository.js"

/**
 * Forgets audit events that are older than so many days, a seal of them at a time and from the chain's beginning on;
 * what is left proves itself as before. Leaves it to whoever is at the chain already.
 *
 * @returns how many events were deleted
 */
export async function forgetOldEvents(database: Database, key: Buffer, days: number): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = await database.transaction(async (trx) => {
      const chain = chainRepository(trx)
      if (!(await chain.lockChain())) return undefined
      const oldest = await chain.findOldSeal(days)
      return oldest && chain.deleteSeal(oldest, baseMac(oldest, key))
    })
    if (deleted === undefined) return total
    total += deleted
  }
}
