// `npm run mail`: shows mails and what happened to them, has them sent again, and says who gets none.
// docs/operations/mail.md says when to.
import { existsSync } from "node:fs"
import { userInfo } from "node:os"
import { createPostOffice } from "@gatepost/mail-queue"
import { isUnavailable, openDatabase } from "@gatepost/postgres"
import { type Order, Refusal, readOrder, USAGE } from "./command/orders.js"
import { readCommandConfig } from "./config.js"
import { byCommand } from "./modules/operators/index.js"

type Environment = Record<string, string | undefined>

// Not a dependency: an image of the services has no launcher, and is given its settings.
const LAUNCHER = new URL("../../../infra/local/dist/running.js", import.meta.url)

try {
  await obey(readOrder(process.argv.slice(2), new Date()))
} catch (cause) {
  const isUsage = cause instanceof Refusal && cause.exitCode === 2
  process.stderr.write(`${wordsOf(cause)}\n${isUsage ? USAGE : ""}`)
  process.exitCode = isUsage ? 2 : 1
}

async function obey(order: Order): Promise<void> {
  const config = readCommandConfig(await findEnvironment(process.env))
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost mail",
    poolSize: 1,
    prepared: config.DB_PREPARED,
  })
  try {
    process.stdout.write(`${await order(createPostOffice(database), byCommand(userName()))}\n`)
  } finally {
    await database.close()
  }
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`
  }
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (isUnavailable(cause))
    return "The database of DATABASE_URL does not answer now: `show` tells whether anything was done."
  // The last one is the launcher's.
  const isOurs = ["Refusal", "ConfigError", "StartError"].includes(cause.name)
  return isOurs ? cause.message : (cause.stack ?? cause.message)
}

/** @throws where nothing says what to work on */
async function findEnvironment(env: Environment): Promise<Environment> {
  if (env.DATABASE_URL || !existsSync(LAUNCHER)) return env
  const { runningEnvironment } = (await import(LAUNCHER.href)) as {
    runningEnvironment(program: string, env: Environment): Promise<Environment>
  }
  return { ...env, ...(await runningEnvironment("mail-worker", env)) }
}
