import { runningEnvironment } from "@gatepost/local/running"

export type Variables = Record<string, string | undefined>

export interface Environment {
  /** As the services have them. */
  env: Variables
  /** Whether it is an `npm start` on this machine, whose database, inbox and secrets are its own. */
  isLocal: boolean
}

const PROGRAMS = ["auth", "notifications", "mail-worker"]

/**
 * The settings of the services: those given, and, without DATABASE_URL, what the `npm start` of this clone has.
 *
 * @throws ConfigError where neither is there
 */
export async function findEnvironment(given: Variables): Promise<Environment> {
  if (given.DATABASE_URL) return { env: given, isLocal: false }
  const found: Variables = {}
  // The first one's DATABASE_URL stays: the auth service's role sees its keys.
  for (const program of PROGRAMS)
    Object.assign(found, { ...(await runningEnvironment(program, given)), ...found })
  return { env: { ...given, ...found }, isLocal: true }
}
