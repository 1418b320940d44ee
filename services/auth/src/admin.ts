// `npm run admin`: the first admin, service clients and operators' API keys. docs/operations/roles.md says how.
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { Problem } from "@gatepost/http"
import { openDatabase } from "@gatepost/postgres"
import { obeyAdmin } from "./admin-orders.js"
import { findEnvironment, Refusal, runCommand } from "./command.js"
import { readAdminConfig } from "./config.js"

const USAGE = `usage: npm run admin -- invite [<email>]             a link that makes the first admin; ADMIN_EMAIL if not given
                        client list
                        client create <client_id> --scope <scope> …  [--name <name>] [--days <90>] [--jwks <file>]
                        client rotate <client_id>  [--overlap <seconds>] [--days <90>]
                        client revoke <client_id>
                        key list
                        key create <name> --scope <scope> …  [--days <90>]
                        key rotate <id>  [--overlap <seconds>] [--days <90>]
                        key revoke <id>

  DATABASE_URL, PUBLIC_URL   of the auth service; beside a running \`npm start\` they are found
`

const order = readOrder(process.argv.slice(2))
if (order) await runCommand("run this again.", () => obey(order))
else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}

function readOrder(args: string[]) {
  const options = {
    scope: { type: "string", multiple: true },
    name: { type: "string" },
    days: { type: "string" },
    overlap: { type: "string" },
    jwks: { type: "string" },
  } as const
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true })
    return positionals.length > 0 ? { positionals, values } : undefined
  } catch {
    // An option that there is not.
    return undefined
  }
}

async function obey({ positionals, values }: NonNullable<ReturnType<typeof readOrder>>): Promise<void> {
  const config = readAdminConfig(await findEnvironment(process.env, ["DATABASE_URL", "PUBLIC_URL"]))
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost admin",
    poolSize: 1,
    prepared: config.DB_PREPARED,
  })
  try {
    const jwks = values.jwks === undefined ? undefined : readJson(values.jwks)
    const said = await obeyAdmin({ database, config }, positionals, { ...values, jwks })
    if (said === undefined) {
      process.stderr.write(USAGE)
      process.exitCode = 2
    } else process.stdout.write(`${said}\n`)
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    throw new Refusal(`${cause.code}: nothing was done.`)
  } finally {
    await database.close()
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch (cause) {
    throw new Refusal(`${file} can't be read as JSON: ${(cause as Error).message}`)
  }
}
