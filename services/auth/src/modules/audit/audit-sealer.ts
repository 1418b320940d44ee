import { type Database, isUnavailable } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { headMac, NOTHING, sealAfter } from "./chain.js"
import { chainRepository } from "./chain.repository.js"

export interface AuditSealer {
  /** Seals what has been committed since, now. */
  seal(): Promise<void>
  stop(): Promise<void>
}

const INTERVAL_MS = 5_000
const BATCH = 1_000

/**
 * Seals audit events every five seconds, whichever process comes first. Behind the requests, which so never wait for
 * each other: a chain that they wrote themselves would have one sign-in at a time.
 */
export function startAuditSealer({
  database,
  key,
  logger,
}: {
  database: Database
  key: Buffer
  logger: Logger
}): AuditSealer {
  let running: Promise<void> = Promise.resolve()

  const sealBatch = () =>
    database.transaction(async (trx) => {
      const chain = chainRepository(trx)
      if (!(await chain.lockChain())) return 0
      const events = await chain.listUnsealed(BATCH)
      if (events.length === 0) return 0
      const previous = (await chain.findNewestSeal()) ?? NOTHING
      const digests = events.map(({ digest }) => digest)
      const seal = sealAfter(previous, digests, key)
      const ids = events.map(({ id }) => id)
      await chain.insertSeal(ids, seal, headMac(seal, key))
      // Kept wherever logs are, so that not even somebody with the database and the key can cut the chain unseen.
      logger.debug({ seal: seal.number, hash: seal.hash.toString("hex") }, "audit events sealed")
      return events.length
    })
  const seal = async () => {
    while ((await sealBatch()) === BATCH);
  }
  const next = () => {
    running = running.then(seal).catch((cause: unknown) => {
      if (!isUnavailable(cause)) logger.error({ err: cause }, "audit events can't be sealed")
    })
    return running
  }
  const timer = setInterval(next, INTERVAL_MS).unref()

  return {
    seal: next,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
