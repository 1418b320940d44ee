import type { Database } from "@gatepost/postgres"
import { baseFaults, faultsOf } from "./audit-verification.js"
import { baseMac, NOTHING } from "./chain.js"
import { chainRepository } from "./chain.repository.js"

/**
 * Forgets audit events that are older than so many days, a seal of them at a time and from the chain's beginning on;
 * what is left proves itself as before. Leaves it to whoever is at the chain already.
 *
 * @param keys the one of now, and those of before
 * @returns how many events were deleted
 * @throws Error where the chain does not hold: nothing is forgotten that would prove it
 */
export async function forgetOldEvents(
  database: Database,
  keys: readonly [Buffer, ...Buffer[]],
  days: number,
): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = await database.transaction(async (trx) => {
      const chain = chainRepository(trx)
      if (!(await chain.lockChain())) return undefined
      const oldest = await chain.findOldSeal(days)
      if (!oldest) return undefined
      const base = await chain.findBase()
      const faults = [
        ...(base ? baseFaults(base, keys) : []),
        ...faultsOf(oldest, await chain.listSealed(oldest.number), base ?? NOTHING, keys),
      ]
      if (faults.length > 0) throw new Error(`audit events are kept, as the chain is not whole: ${faults[0]}`)
      return chain.deleteSeal(oldest, baseMac(oldest, keys[0]))
    })
    if (deleted === undefined) return total
    total += deleted
  }
}
