import type { Database } from "@gatepost/postgres"
import { baseMac, headMac, NOTHING, type Sealed, sealAfter } from "./chain.js"
import { type AuditBase, type ChainedEvent, chainRepository, type StoredSeal } from "./chain.repository.js"

export interface AuditVerdict {
  /** What is wrong, in words; nothing if all is as it was written. */
  faults: string[]
  events: number
  unsealed: number
  head: Sealed
}

const PAGE = 100

/**
 * Goes through the whole chain of audit events.
 *
 * @param keys of which each seal was made with one
 * @param anchor a seal that somebody wrote down elsewhere: it has to be there still
 */
export async function verifyAuditChain(
  database: Database,
  keys: readonly Buffer[],
  anchor?: { number: number; hash: string },
): Promise<AuditVerdict> {
  const chain = chainRepository(database.db)
  const faults: string[] = []
  const base = await chain.findBase()
  if (base) faults.push(...baseFaults(base, keys))
  let previous: Sealed = base ?? NOTHING
  let events = 0
  let anchored = anchor === undefined || isAnchor(anchor, previous)

  for (;;) {
    const seals = await chain.listSeals(previous.number, PAGE)
    if (seals.length === 0) break
    for (const seal of seals) {
      const sealed = await chain.listSealed(seal.number)
      faults.push(...faultsOf(seal, sealed, previous, keys))
      if (isAnchor(anchor, seal)) anchored = true
      events += sealed.length
      previous = { number: seal.number, hash: seal.hash }
    }
  }

  const head = await chain.findHead()
  if (previous.number > 0 && !head) faults.push("where the chain ends is gone")
  if (
    head &&
    (head.number !== previous.number || !keys.some((key) => head.mac.equals(headMac(previous, key))))
  )
    faults.push(
      `the chain ends with seal ${previous.number}, and did with seal ${head.number}: its end was cut off`,
    )
  if (anchor && base && anchor.number < base.number)
    faults.push(
      `seal ${anchor.number} was forgotten, with all up to ${base.number}: it proves nothing any more`,
    )
  else if (!anchored) faults.push(`seal ${anchor?.number} is not the one that was written down`)
  return { faults, events, unsealed: await chain.countUnsealed(), head: previous }
}

const isAnchor = (anchor: { number: number; hash: string } | undefined, seal: Sealed): boolean =>
  seal.number === anchor?.number && seal.hash.toString("hex") === anchor.hash

export const baseFaults = (base: AuditBase, keys: readonly Buffer[]): string[] =>
  keys.some((key) => base.mac.equals(baseMac(base, key))) ? [] : ["where the chain begins was changed"]

/** What is wrong with one seal and its events, after the one before. */
export function faultsOf(
  seal: StoredSeal,
  sealed: ChainedEvent[],
  previous: Sealed,
  keys: readonly Buffer[],
): string[] {
  const altered = sealed.filter(({ isSound }) => !isSound).map(({ id }) => `event ${id} was altered`)
  const erased = sealed
    .filter(({ isErasedForNoReason }) => isErasedForNoReason)
    .map(({ id }) => `event ${id} was erased, though its account was not deleted`)
  const place = `seal ${seal.number} (events ${seal.firstId} to ${seal.lastId})`
  if (seal.number !== previous.number + 1)
    return [...altered, ...erased, `${place} does not follow seal ${previous.number}: seals were taken away`]
  if (sealed.length !== seal.events)
    return [...altered, ...erased, `${place} has ${sealed.length} events, and had ${seal.events}`]
  const digests = sealed.map(({ digest }) => digest)
  const isWhole = keys.some((key) => sealAfter(previous, digests, key).hash.equals(seal.hash))
  return [...altered, ...erased, ...(isWhole ? [] : [`${place} is not what it was when it was sealed`])]
}
