// What a limit costs: each request makes a hundred checks of addresses that were never seen. Arguments: URL of the
// database as the auth service has it, URL of Redis or nothing.
import { randomBytes } from "node:crypto"
import { openDatabase } from "@gatepost/postgres"
import type { openLimiter as OpenLimiter } from "../../../../services/auth/dist/limiter.js"
import { bareExpress, listen } from "../floors/listen.js"
import { CHECKS } from "./limiter.js"

const [databaseUrl = "", redisUrl = ""] = process.argv.slice(2)
const MODULE = new URL("../../../../services/auth/dist/limiter.js", import.meta.url)
const { openLimiter } = (await import(MODULE.href)) as { openLimiter: typeof OpenLimiter }

const database = openDatabase({ url: databaseUrl, applicationName: "bench", poolSize: 10 })
const quiet = { info: () => {}, warn: () => {} }
const { limiter } = openLimiter(database, redisUrl || undefined, true, quiet)

await listen(
  bareExpress().post("/", async (_req, res) => {
    for (let check = 0; check < CHECKS; check++)
      await limiter.admit("send-mail", randomBytes(9).toString("hex"))
    res.json({})
  }),
)
