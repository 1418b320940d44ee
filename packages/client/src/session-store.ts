import type { Clock } from "./clock.js"
import type { Emitter } from "./emitter.js"
import { randomId } from "./random-id.js"
import { isSameToken, readRecord, type SessionRecord, toRecord } from "./session-record.js"
import type { Vault } from "./vault.js"
import type { TokenResponse, User } from "./wire.js"

// So long before its end a token is replaced, or for a tenth of its life if that is less.
const LONGEST_LEAD_MS = 30_000

/**
 * `signed-out` because of `logout` here, because the server ended the session (`session-ended`), or
 * because another tab said so (`elsewhere`).
 */
export type SessionEvent =
  | { type: "signed-in" | "user-changed"; user: User }
  | { type: "signed-out"; reason: SignOutReason }

export type SignOutReason = "logout" | "session-ended" | "elsewhere"

/** A session as this tab knows it. */
export interface Held {
  readonly record: SessionRecord
  /** By our clock; unknown for tokens that somebody else received: an earlier run, another tab. */
  readonly life: { staleAt: number; expiresAt: number } | undefined
  /** When it was got because the token before was refused. */
  readonly renewedAt?: number
}

/** Tokens with the time when they were asked for: they can't be older than that. */
export interface ReceivedTokens {
  tokens: TokenResponse
  askedAt: number
}

export type SessionStore = ReturnType<typeof createSessionStore>

/** The session in memory and in the storage, which other tabs write as well. */
export function createSessionStore(deps: {
  vault: Vault
  clock: Clock
  events: Emitter<SessionEvent>
  /** Called after each write. */
  written: () => void
}) {
  const { vault, clock, events, written } = deps
  let held: Held | undefined
  let endedId: string | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const first = vault.read()
  if (typeof first === "object") void inTurn(async () => adopt(readRecord(await first)))
  else held = asFound(readRecord(first))

  return {
    current: () => held,
    /** Looks into the storage, and takes what another tab put there. */
    reload: (): Promise<Held | undefined> => inTurn(read),

    /** A new sign-in takes the place of whatever there was. */
    start: (received: ReceivedTokens): Promise<void> =>
      inTurn(async () => {
        const record = toRecord(randomId(), received.tokens)
        await write(record)
        hold(asReceived(record, received))
      }),

    /** Notes that a refresh is about to be sent; not if others were faster. */
    mark: (seen: SessionRecord): Promise<boolean> =>
      inTurn(async () => {
        if (!isSameToken((await read())?.record, seen)) return false
        await write({ ...seen, refreshing: true })
        return true
      }),

    /** Puts new tokens in the place of those seen; what another tab, or a logout, did meanwhile stands. */
    renew: (seen: SessionRecord, received: ReceivedTokens, wasRefused: boolean): Promise<void> =>
      inTurn(async () => {
        if (!isSameToken((await read())?.record, seen)) return
        const record = toRecord(seen.id, received.tokens)
        // Stored first: whoever crashes from here on still has the refresh token.
        await write(record)
        const renewed = asReceived(record, received)
        hold(wasRefused ? { ...renewed, renewedAt: clock.now() } : renewed)
      }),

    /** Memory first, so that nothing is sent with these tokens from now on. */
    async end(id: string, reason: SignOutReason): Promise<void> {
      endedId = id
      if (held?.record.id === id) hold(undefined, reason)
      await inTurn(async () => {
        if (readRecord(await vault.read())?.id === id) await write(undefined)
      })
    },

    /** What the server said of the person; stored with the next refresh. */
    know(id: string, user: User): void {
      if (held?.record.id === id) hold({ ...held, record: { ...held.record, user } })
    },
  }

  /** One after the other, so that a look and the write it decides are not torn apart. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = queue.then(work)
    queue = turn.catch(() => {})
    return turn
  }

  async function read(): Promise<Held | undefined> {
    adopt(readRecord(await vault.read()))
    return held
  }

  async function write(record: SessionRecord | undefined): Promise<void> {
    await vault.write(record && JSON.stringify(record))
    written()
  }

  function adopt(found: SessionRecord | undefined): void {
    const isKnown = found !== undefined && isSameToken(found, held?.record)
    if (!isKnown) hold(asFound(found))
  }

  function hold(next: Held | undefined, reason: SignOutReason = "elsewhere"): void {
    const before = held
    held = next && next.record.id !== endedId ? next : undefined
    const [was, is] = [before?.record, held?.record]
    if (is && is.id !== was?.id) events.emit({ type: "signed-in", user: is.user })
    else if (is && JSON.stringify(is.user) !== JSON.stringify(was?.user)) {
      events.emit({ type: "user-changed", user: is.user })
    } else if (was && !is) events.emit({ type: "signed-out", reason })
  }
}

const asFound = (record: SessionRecord | undefined): Held | undefined => record && { record, life: undefined }

function asReceived(record: SessionRecord, { tokens, askedAt }: ReceivedTokens): Held {
  const lifeMs = tokens.expires_in * 1000
  const expiresAt = askedAt + lifeMs
  return { record, life: { expiresAt, staleAt: expiresAt - Math.min(LONGEST_LEAD_MS, lifeMs / 10) } }
}
