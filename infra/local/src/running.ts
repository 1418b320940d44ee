import path from "node:path"
import { ConfigError } from "@gatepost/runtime"
import { CLONE } from "./clone.js"
import { openDataDir } from "./data-dir.js"
import { openEmbeddedDatabase } from "./database/embedded.js"
import { inspectPostmaster } from "./postgres/postmaster.js"
import { gatepost } from "./programs.js"
import { loadSettings } from "./settings.js"

/**
 * For a command beside a running Gatepost: the database and the secrets that one of its programs has. What
 * `env` says itself is left as it is.
 *
 * @param name a program, such as `auth`
 * @throws ConfigError when DATABASE_URL is not set and no built-in database runs
 */
export async function runningEnvironment(
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  const program = gatepost.programs.find((candidate) => candidate.name === name)
  if (!program) throw new Error(`there is no program ${name}`)
  const settings = loadSettings(env)
  const dataDir = openDataDir(settings, CLONE)
  const secrets = program.secrets.map((secret) => [secret, dataDir.secrets[secret]])
  return {
    ...Object.fromEntries(secrets),
    PUBLIC_URL: settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`,
    ...(settings.DATABASE_URL ? { DATABASE_URL: settings.DATABASE_URL } : await builtIn(program.role)),
    DATA_DIR: dataDir.path,
  }

  async function builtIn(role: string) {
    if (inspectPostmaster(path.join(dataDir.postgres, "data")).state !== "ready")
      throw new ConfigError(
        `Gatepost does not run in ${dataDir.path}: start it, or set DATABASE_URL and the secrets`,
      )
    const { urlOf, migrationUrl } = await openEmbeddedDatabase(dataDir, [role])
    return { DATABASE_URL: urlOf(role), MIGRATION_DATABASE_URL: migrationUrl }
  }
}
