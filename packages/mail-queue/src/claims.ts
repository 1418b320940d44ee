import type { Lane, UncertainPolicy } from "@gatepost/contracts"
import { type Database, prepared } from "@gatepost/postgres"
import { newId, type Sealer } from "@gatepost/runtime"
import { createBatches } from "./batches.js"
import * as sql from "./claim-statements.js"
import { type MailContent, openContent } from "./payloads.js"

/** The right to send one mail, held until its outcome is stored or somebody else takes it over. */
export interface Claim {
  id: string
  /** The fence: each later write of this attempt names it, so a worker that lost the mail changes nothing. */
  token: string
  kind: string
  lane: Lane
  policy: UncertainPolicy
  recipient: string
  locale: string | undefined
  /** With its angle brackets; the same for every attempt, as is `createdAt`. */
  messageId: string
  createdAt: Date
  /** 1 for the first. */
  attempt: number
  /** Sealed. */
  payload: Buffer
  /** The one transport that may have it already and would drop a second copy. */
  boundTo: string | undefined
}

/** Where a mail goes, as its row remembers it. */
export interface Handover {
  transport: string
  /** Whether it drops a second copy by itself. */
  idempotent: boolean
}

/** The only way to change a mail that is being sent. What returns a boolean says whether the claim still held. */
export interface Claims {
  /**
   * Takes a mail that is due. Of any number of callers one gets it.
   *
   * @param options.takeOver also from a worker that holds it: for a job whose earlier holder is known to
   *   be gone or stuck. Whoever it was is fenced off by that; where he had begun to hand the mail over it is
   *   uncertain, and given only if its policy is to send it again
   * @returns undefined when it is absent, not due, held by another, suppressed, or at its end
   */
  claim(id: string, options?: { takeOver?: boolean }): Promise<Claim | undefined>
  /** Whether there is such a mail, in whatever state. */
  exists(id: string): Promise<boolean>
  /** Decrypts what it says; throws as `openContent` does. */
  open(claim: Claim): MailContent
  /**
   * The mark before the first byte of the mail leaves, durable when this returns: from now on only the server,
   * or whoever hears its answer, can say that the mail was not sent. False also when it has expired.
   */
  handOff(claim: Claim, to: Handover): Promise<boolean>
  /** A sign of life of everything a worker has in hand, so that nobody takes a slow delivery for a dead one. */
  renew(claims: readonly Claim[]): Promise<void>
  /** Ends it well and wipes what it said; after the hand-over, even if it was taken for uncertain since. */
  markSent(claim: Claim, serverId: string | undefined): Promise<boolean>
  /** For what was provably not sent: has it enqueued again after a delay. */
  markRetry(claim: Claim, reason: string, delaySeconds: number): Promise<boolean>
  /** Ends it for good; `bounced`: its address gets no further mail for some time. */
  markFailed(claim: Claim, reason: string, options?: { bounced: boolean }): Promise<boolean>
  /** For what was handed over and never answered: its policy says what comes next. */
  markUncertain(claim: Claim, reason: string): Promise<boolean>
  /** Ends it if its time is over and nothing of it has left, and wipes what it said. */
  markExpired(claim: Claim): Promise<boolean>
}

type Row = Omit<Claim, "locale" | "boundTo"> & {
  locale: string | null
  boundTo: string | null
}

/** @param options.sealer the one the outbox seals with */
export function createClaims(options: { database: Database; sealer: Sealer }): Claims {
  const { db } = options.database
  // Prepared statements: these are the hot path of every mail (DESIGN.md section 5).
  const run = <Found extends object>(name: string, text: string, values: unknown[]) =>
    prepared<Found>(db, { name: `mail_${name}`, text, values })
  const changes = async (name: string, text: string, { id, token }: Claim, ...values: unknown[]) =>
    (await run(name, text, [id, token, ...values])).length === 1

  const take = createBatches(async (wanted: { id: string; token: string; takeOver: boolean }[]) => {
    const values = (sorted: typeof wanted) => [
      ids(sorted),
      sorted.map(({ token }) => token),
      sorted.map(({ takeOver }) => takeOver),
    ]
    const rows = await inOrder(wanted, (sorted) => run<Row>("claim", sql.CLAIM, values(sorted)))
    return rows.map((row) => row && toClaim(row))
  })
  const handOff = createBatches(async (marks: (Claim & Handover)[]) => {
    const values = (sorted: typeof marks) => [
      ids(sorted),
      sorted.map(({ token }) => token),
      sorted.map(({ transport }) => transport),
      sorted.map(({ idempotent }) => idempotent),
    ]
    return inOrder(marks, (sorted) => run<{ token: string }>("hand_off", sql.HAND_OFF, values(sorted)))
  })
  const markSent = createBatches(async (marks: (Claim & { serverId: string | null })[]) => {
    const values = (sorted: typeof marks) => [
      ids(sorted),
      sorted.map(({ token }) => token),
      sorted.map(({ serverId }) => serverId),
    ]
    return inOrder(marks, (sorted) => run<{ token: string }>("sent", sql.MARK_SENT, values(sorted)))
  })

  async function takeOverUncertain(id: string): Promise<void> {
    await run("surrender", sql.SURRENDER, [id])
    await run("resolve", sql.resolveUncertain("id = $1"), [id])
  }

  return {
    async claim(id, { takeOver = false } = {}) {
      if (takeOver) await takeOverUncertain(id)
      return take({ id, token: newId(), takeOver })
    },
    exists: async (id) =>
      (await run("exists", "select id from mail.messages where id = $1", [id])).length === 1,
    open: (claim) => openContent(options.sealer, claim),
    handOff: async (claim, to) => (await handOff({ ...claim, ...to })) !== undefined,
    async renew(claims) {
      const sorted = claims.toSorted(byId)
      await run("renew", sql.RENEW, [ids(sorted), sorted.map(({ token }) => token)])
    },
    markSent: async (claim, serverId) =>
      (await markSent({ ...claim, serverId: serverId ? visible(serverId) : null })) !== undefined,
    markRetry: (claim, reason, delaySeconds) => changes("retry", sql.MARK_RETRY, claim, reason, delaySeconds),
    markFailed: (claim, reason, { bounced } = { bounced: false }) =>
      changes("failed", sql.MARK_FAILED, claim, reason, bounced),
    async markUncertain(claim, reason) {
      const held = await changes("uncertain", sql.MARK_UNCERTAIN, claim, reason)
      // The sweeper does the same, for a worker that dies just here.
      if (held) await run("resolve", sql.resolveUncertain("id = $1"), [claim.id])
      return held
    },
    markExpired: (claim) => changes("expired", sql.MARK_EXPIRED, claim),
  }
}

const MAX_SERVER_ID_LENGTH = 100

/** A server's words, as a column can hold them. */
const visible = (text: string) =>
  text
    .replace(/[^!-~]+/g, " ")
    .trim()
    .slice(0, MAX_SERVER_ID_LENGTH)

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id)

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)

const DEADLOCK = "40P01"

/**
 * Runs a statement over rows in the order of their ids, so that two of them rarely lock each other out. The
 * results come in the order of the items, and each to the token it belongs to: of two that want, or believe to
 * have, the same mail, one is right.
 */
async function inOrder<Item extends { id: string; token: string }, Found extends { token: string }>(
  items: readonly Item[],
  statement: (sorted: Item[]) => Promise<Found[]>,
): Promise<(Found | undefined)[]> {
  const sorted = items.toSorted(byId)
  const found = await statement(sorted).catch((cause: { code?: string }) => {
    if (cause.code === DEADLOCK) return statement(sorted)
    throw cause
  })
  const byToken = new Map(found.map((row) => [row.token, row]))
  return items.map(({ token }) => byToken.get(token))
}

function toClaim(row: Row): Claim {
  return { ...row, locale: row.locale ?? undefined, boundTo: row.boundTo ?? undefined }
}
