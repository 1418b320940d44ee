import { existsSync } from "node:fs"
import { isUnavailable } from "@gatepost/postgres"

export type Environment = Record<string, string | undefined>

// Not a dependency: an image of the services has no launcher, and is given its settings.
const LAUNCHER = new URL("../../../infra/local/dist/running.js", import.meta.url)
/** The last one is the launcher's. */
const OURS = ["Refusal", "UnreadableFile", "ConfigError", "StartError"]
/** SQLSTATE classes that say: not with this login, not this database, not these tables. */
const MISCONFIGURED = /^(?:28|3D|42)/

/** What can't be done, in words for whoever asked. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

/**
 * Does a command's work; should it fail, one line on standard error says why, and the exit code is 1.
 *
 * @param whenUnavailable what to do when the database went away meanwhile
 */
export async function runCommand(whenUnavailable: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    process.stderr.write(`${wordsOf(cause, whenUnavailable)}\n`)
    process.exitCode = 1
  }
}

/**
 * The settings of a running auth service: those given, and, beside `npm start`, what it has of those that are not.
 *
 * @throws where nothing says what to work on
 */
export async function findEnvironment(env: Environment, needed: string[]): Promise<Environment> {
  if (needed.every((name) => env[name]) || !existsSync(LAUNCHER)) return env
  const { runningEnvironment } = (await import(LAUNCHER.href)) as {
    runningEnvironment(program: string, env: Environment): Promise<Environment>
  }
  return { ...env, ...(await runningEnvironment("auth", env)) }
}

function wordsOf(cause: unknown, whenUnavailable: string): string {
  if (!(cause instanceof Error)) return String(cause)
  if (isUnavailable(cause)) return `The database of DATABASE_URL does not answer now: ${whenUnavailable}`
  if ("code" in cause && MISCONFIGURED.test(String(cause.code)))
    // What comes before is the statement.
    return `The database of DATABASE_URL says: ${cause.message.split(" - ").at(-1)}`
  return OURS.includes(cause.name) ? cause.message : (cause.stack ?? cause.message)
}
