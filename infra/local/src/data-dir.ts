import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, statSync } from "node:fs"
import path from "node:path"
import { keptSecret } from "./kept-secret.js"
import { canReach, databaseUser } from "./postgres/run-as.js"
import { type SecretName, type Settings, secretNames } from "./settings.js"
import { StartError } from "./start-error.js"

const SYSTEM_FOLDER = "/var/lib/gatepost"

/** The folder of everything that outlives a restart: database, secrets, mails, logs. */
export interface DataDir {
  path: string
  postgres: string
  inbox: string
  logs: string
  lock: string
  /** The file that names the port of the admin API. */
  adminPort: string
  secrets: Record<SecretName, string>
  /** The password of a database role, made on first use. */
  rolePassword(role: string): string
}

/**
 * Opens the data folder: `DATA_DIR`, or `.gatepost` in the clone, or, where the user that the database runs
 * as can't reach the clone (root's home, say), a folder of this clone's own in /var/lib/gatepost.
 */
export function openDataDir(settings: Settings, clone: string): DataDir {
  const root = settings.DATA_DIR ? path.resolve(settings.DATA_DIR) : defaultFolder(clone)
  const secretsFolder = path.join(root, "secrets")
  const folders = { inbox: path.join(root, "inbox"), logs: path.join(root, "logs") }
  try {
    mkdirSync(root, { recursive: true })
    // The database's user passes through, and sees nothing but its own.
    if (databaseUser())
      for (const folder of ownFolders(root)) chmodSync(folder, statSync(folder).mode | 0o011)
    for (const folder of [secretsFolder, ...Object.values(folders)])
      mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartError(`DATA_DIR ${root} can't be written: ${(cause as Error).message}`, { cause })
  }

  return {
    path: root,
    postgres: path.join(root, "postgres"),
    lock: path.join(root, "supervisor.lock"),
    adminPort: path.join(root, "admin-port"),
    ...folders,
    secrets: collectSecrets(settings, secretsFolder),
    rolePassword: (role) => keptSecret(path.join(secretsFolder, `${role}.password`)),
  }
}

function defaultFolder(clone: string): string {
  if (canReach(databaseUser(), clone)) return path.join(clone, ".gatepost")
  const name = createHash("sha256").update(path.resolve(clone)).digest("hex").slice(0, 16)
  return path.join(SYSTEM_FOLDER, name)
}

function ownFolders(root: string): string[] {
  return path.dirname(root) === SYSTEM_FOLDER ? [SYSTEM_FOLDER, root] : [root]
}

function collectSecrets(settings: Settings, folder: string): Record<SecretName, string> {
  const entries = secretNames.map((name) => [
    name,
    settings[name]?.reveal() ?? keptSecret(path.join(folder, name)),
  ])
  return Object.fromEntries(entries)
}
