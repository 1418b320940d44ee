/** A session whose access tokens are to be refused, although their own time is not over. */
export interface Revocation {
  /** Its place in the feed: no row ever appears in front of one that could be read. */
  seq: number
  sessionId: string
  revokedAt: Date
  /** When the last of its access tokens has died by itself. */
  expiresAt: Date
}

export interface RevocationPage {
  items: Revocation[]
  /** Where to read on. */
  position: number
  /** Whether this was all there is at the moment. */
  isLast: boolean
}
