import { readFileSync, statSync } from "node:fs"
import path from "node:path"
import { StartError } from "../start-error.js"

/** The system user that the database runs as; `undefined`: the one we run as ourselves. */
export type DatabaseUser = { uid: number; gid: number } | undefined

/** PostgreSQL refuses to run as root: there it runs as `postgres`, or else as `nobody`. */
export function databaseUser(): DatabaseUser {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
  // Only a user with an entry will do: PostgreSQL looks its own name up.
  const found =
    users.find(([name]) => name === "postgres") ??
    users.find(([name]) => name === "nobody") ??
    users.find(([, , uid]) => Number(uid) > 0)
  if (!found)
    throw new StartError("PostgreSQL can't run as root, and there is no other user here: set DATABASE_URL")
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

/** Whether the database's user can reach a folder, or the nearest of its parents that exists. */
export function canReach(user: DatabaseUser, location: string): boolean {
  if (user === undefined) return true
  const folder = path.resolve(location)
  const parent = path.dirname(folder)
  return canEnter(user, folder) && (parent === folder || canReach(user, parent))
}

function canEnter({ uid, gid }: NonNullable<DatabaseUser>, folder: string): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return true
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
  return (stat.mode & bit) !== 0
}
