import type { Sealer } from "@gatepost/runtime"
import type { Filter, Position } from "./inbox.types.js"

/**
 * Where a page ended, as a text that only this service can make, for the one user and filter it was made for
 * (check 17).
 */
export interface Cursors {
  write(userId: string, filter: Filter, position: Position): string
  /** @returns nothing for what `write` did not give to this user, with this filter */
  read(userId: string, filter: Filter, cursor: string): Position | undefined
}

export const createCursors = (sealer: Sealer): Cursors => ({
  write: (userId, filter, { visibleAt, id }) =>
    sealer.seal(JSON.stringify([visibleAt, id]), ownerOf(userId, filter)).toString("base64url"),

  read(userId, filter, cursor) {
    const sealed = Buffer.from(cursor, "base64url")
    // Decoding passes over whatever is no base64url.
    if (sealed.toString("base64url") !== cursor) return undefined
    try {
      const [visibleAt, id] = JSON.parse(sealer.open(sealed, ownerOf(userId, filter))) as [string, string]
      return { visibleAt, id }
    } catch {
      return undefined
    }
  },
})

const ownerOf = (userId: string, { unread, archived, category }: Filter) =>
  JSON.stringify([userId, unread, archived, category ?? null])
