import { type Database, openDatabase } from "@gatepost/postgres"
import { createLogger } from "@gatepost/runtime"

const logger = createLogger("test", "silent")

export const open = (url: string, poolSize = 10, prepared = true): Database =>
  openDatabase({ url, applicationName: "postgres tests", poolSize, prepared, logger })
