import { availableParallelism } from "node:os"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import type { Config } from "./config.js"
import { accountsRepository } from "./modules/accounts/index.js"
import { createGate, createHasher, createStandIns } from "./modules/passwords/index.js"

// Half of libuv's four threads stay free for signing, files and DNS; 32 may wait for two seconds.
const GATE = { concurrency: Math.min(availableParallelism(), 2), maxWaiting: 32, maxWaitMs: 2_000 }

/** How passwords are hashed, and what is verified where there is nobody: its part of the composition root. */
export async function openHashing(deps: { config: Config; database: Database; logger: Logger }) {
  const { config, database, logger } = deps
  const hasher = await createHasher(
    { memoryKib: config.ARGON2_MEMORY_KIB, passes: config.ARGON2_PASSES },
    createGate(GATE),
    logger,
  )
  const standIns = createStandIns(
    () => accountsRepository(database.db).listHashKinds(),
    config.REFRESH_TOKEN_SECRET.reveal(),
  )
  await standIns.refresh()
  return { hasher, standIns }
}
