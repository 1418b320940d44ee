import { randomBytes } from "node:crypto"
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import path from "node:path"
import { keptSecret } from "../kept-secret.js"
import { StartError } from "../start-error.js"
import type { Binaries } from "./binaries.js"
import { runProgram } from "./programs.js"
import type { DatabaseUser } from "./run-as.js"

/** The owner of everything in the built-in server. */
export const OWNER = "gatepost"

const UNFINISHED = "data.init."

interface Cluster {
  dir: string
  binaries: Binaries
  user: DatabaseUser
  /** Off for tests, whose data need not outlive the machine. */
  durable: boolean
}

/**
 * Makes the data folder if there is none. Call it under the lock of `dir`.
 *
 * `initdb` works aside and its result is moved into place, so a data folder is whole or not there.
 */
export async function ensureCluster({ dir, binaries, user, durable }: Cluster): Promise<void> {
  for (const name of readdirSync(dir)) if (name.startsWith(UNFINISHED)) sweep(path.join(dir, name))
  const data = path.join(dir, "data")
  if (existsSync(data)) return assertVersion(data, binaries)

  const aside = path.join(dir, `${UNFINISHED}${randomBytes(6).toString("hex")}`)
  const passwordFile = `${aside}.password`
  mkdirSync(aside, { mode: 0o700 })
  writeFileSync(passwordFile, `${ownerPassword(dir)}\n`, { mode: 0o600 })
  if (user) for (const location of [aside, passwordFile]) chownSync(location, user.uid, user.gid)
  try {
    await runProgram(
      binaries.initdb,
      [
        ...["-D", aside, "-U", OWNER, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
        // The builtin provider sorts the same way on every system and through every upgrade.
        ...["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        "--no-instructions",
        ...(durable ? [] : ["--no-sync"]),
      ],
      user,
    )
    renameSync(aside, data)
  } finally {
    sweep(passwordFile)
    sweep(aside)
  }
}

/** The password of the owner, kept beside the data. */
export const ownerPassword = (dir: string): string => keptSecret(path.join(dir, "password"))

function assertVersion(data: string, { majorVersion }: Binaries): void {
  const found = readFileSync(path.join(data, "PG_VERSION"), "utf8").trim()
  if (found === majorVersion) return
  throw new StartError(
    `${data} was made by PostgreSQL ${found}, and the built-in one is ${majorVersion}: ` +
      `run PostgreSQL ${found} on that folder and set DATABASE_URL, or move it away to start empty`,
  )
}

/** An initdb whose starter was killed may still be writing here: then the next start sweeps it. */
function sweep(location: string): void {
  try {
    rmSync(location, { recursive: true, force: true })
  } catch {}
}
