import type { Sealer } from "@gatepost/runtime"
import type { Position } from "./inbox.types.js"

/** Where a page ended, as a text that only this service can make, for the one user it was made for (check 17). */
export interface Cursors {
  write(userId: string, position: Position): string
  /** @returns nothing for what `write` did not give to this user */
  read(userId: string, cursor: string): Position | undefined
}

export const createCursors = (sealer: Sealer): Cursors => ({
  write: (userId, { createdAt, id }) =>
    sealer.seal(JSON.stringify([createdAt, id]), userId).toString("base64url"),

  read(userId, cursor) {
    const sealed = Buffer.from(cursor, "base64url")
    // Decoding passes over whatever is no base64url.
    if (sealed.toString("base64url") !== cursor) return undefined
    try {
      const [createdAt, id] = JSON.parse(sealer.open(sealed, userId)) as [string, string]
      return { createdAt, id }
    } catch {
      return undefined
    }
  },
})
