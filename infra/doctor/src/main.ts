// `npm run doctor`: says what is wrong with an installation, and what to do. docs/operations/watching.md tells more.
import { Resolver } from "node:dns/promises"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { findEnvironment } from "./environment.js"
import { examine } from "./examine.js"
import { asJson, asText, worstOf } from "./report.js"
import { reasonOf } from "./verdict.js"

const USAGE = `usage: npm run doctor -- [--json] [--dns <address>]

  --json          the lines as JSON
  --dns <address> ask this name server, as 9.9.9.9 or 127.0.0.1:5353

Reads the settings of the services from the environment and .env; without DATABASE_URL those of the npm start of
this clone. Exits with 1 where something fails.
`
const ENV_FILE = fileURLToPath(new URL("../../../.env", import.meta.url))

try {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, dns: { type: "string" } } })
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  if (values.dns) resolver.setServers([values.dns])
  const lines = await examine({ ...(await findEnvironment(process.env)), resolver })
  process.stdout.write(`${values.json ? asJson(lines) : asText(lines)}\n`)
  process.exitCode = worstOf(lines) === "fail" ? 1 : 0
} catch (cause) {
  const isUsage = String((cause as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS")
  process.stderr.write(`${reasonOf(cause)}\n${isUsage ? USAGE : ""}`)
  process.exitCode = isUsage ? 2 : 1
}
