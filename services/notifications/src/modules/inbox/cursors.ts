import { createHmac, timingSafeEqual } from "node:crypto"
import type { Filter, Position } from "./inbox.types.js"

/**
 * Where a page ended, as a text that only this service can make, for the one user and filter it was made for
 * (check 17).
 */
export interface Cursors {
  /** The same text each time for the same place. */
  write(userId: string, filter: Filter, position: Position): string
  /** @returns nothing for what `write` did not give to this user, with this filter */
  read(userId: string, filter: Filter, cursor: string): Position | undefined
}

const MAC_BYTES = 16

/** Signed rather than sealed: the page's last item has all of it too, and it is made for each page. */
export function createCursors(key: Buffer): Cursors {
  const sign = (userId: string, { unread, archived, category }: Filter, place: string) =>
    createHmac("sha256", key)
      .update(JSON.stringify([userId, unread, archived, category ?? null, place]))
      .digest()
      .subarray(0, MAC_BYTES)

  return {
    write(userId, filter, { visibleAt, id }) {
      const place = JSON.stringify([visibleAt, id])
      return Buffer.concat([sign(userId, filter, place), Buffer.from(place)]).toString("base64url")
    },

    read(userId, filter, cursor) {
      const bytes = Buffer.from(cursor, "base64url")
      // Decoding passes over whatever is no base64url.
      if (bytes.length <= MAC_BYTES || bytes.toString("base64url") !== cursor) return undefined
      const place = bytes.toString("utf8", MAC_BYTES)
      if (!timingSafeEqual(sign(userId, filter, place), bytes.subarray(0, MAC_BYTES))) return undefined
      const [visibleAt, id] = JSON.parse(place) as [string, string]
      return { visibleAt, id }
    },
  }
}
