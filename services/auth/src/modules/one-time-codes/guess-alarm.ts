import type { Metrics } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { oneTimeCodesRepository } from "./one-time-codes.repository.js"

// SECURITY.md section 2. Fewer than so many are people who mistype.
const SHARE = 0.01
const LEAST = 10

/**
 * Tells operators that codes are guessed at, over many accounts and from many addresses, where no single limit sees
 * it: as a metric at any time, and in the log.
 *
 * @returns looks, and says in the log when one code in a hundred died of wrong tries
 */
export function createGuessAlarm(deps: {
  database: Database
  metrics: Pick<Metrics, "gauge">
  logger: Logger
}) {
  const { database, metrics, logger } = deps
  const look = () => oneTimeCodesRepository(database.db).findFateCounts()

  metrics.gauge({
    name: "one_time_codes_last_hour",
    help: "Codes sent by mail in the last hour, and those of them that died of wrong tries",
    label: "fate",
    values: async () => ({ ...(await look()) }),
  })
  return async (): Promise<void> => {
    const { made, exhausted } = await look()
    if (exhausted < LEAST || exhausted < made * SHARE) return
    logger.error({ made, exhausted }, "alarm: codes in mails are being guessed at")
  }
}
