import { type Database, openDatabase } from "@gatepost/postgres"

export const open = (url: string, poolSize = 10, prepared = true): Database =>
  openDatabase({ url, applicationName: "postgres tests", poolSize, prepared })
