import { randomBytes } from "node:crypto"
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs"

/**
 * A secret made once and kept in a file that only its owner reads.
 *
 * Written aside and linked, so that it is whole or not there, and the first of two makers wins.
 */
export function keptSecret(file: string): string {
  if (!existsSync(file)) {
    const aside = `${file}.${randomBytes(6).toString("hex")}.new`
    writeFileSync(aside, randomBytes(32).toString("base64url"), { mode: 0o600 })
    try {
      linkSync(aside, file)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
    } finally {
      rmSync(aside, { force: true })
    }
  }
  return readFileSync(file, "utf8")
}
