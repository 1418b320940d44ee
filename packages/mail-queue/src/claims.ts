import type { Lane } from "@gatepost/contracts"
import { type Database, prepared } from "@gatepost/postgres"
import { newId, type Sealer } from "@gatepost/runtime"
import { type MailContent, openContent } from "./payloads.js"

/** The right to send one mail, held until its outcome is stored or somebody else takes it over. */
export interface Claim {
  id: string
  /** The fence: each later write of this attempt names it, so a worker that lost the mail changes nothing. */
  token: string
  kind: string
  lane: Lane
  recipient: string
  locale: string | undefined
  /** With its angle brackets; the same for every attempt, as is `createdAt`. */
  messageId: string
  createdAt: Date
  /** 1 for the first. */
  attempt: number
  /** Sealed. */
  payload: Buffer
}

/** The only way to change a mail that is being sent. What returns a boolean says whether the claim still held. */
export interface Claims {
  /**
   * Takes a mail that is due. Of any number of callers one gets it.
   *
   * @param options.takeOver also from a worker that holds it: for a job whose earlier holder is known to
   *   be gone or stuck; whoever it was is fenced off by that
   * @returns undefined when it is absent, not due, held by another, or at its end
   */
  claim(id: string, options?: { takeOver?: boolean }): Promise<Claim | undefined>
  /** Whether there is such a mail, in whatever state. */
  exists(id: string): Promise<boolean>
  /** Decrypts what it says; throws as `openContent` does. */
  open(claim: Claim): MailContent
  /** For the last instant before the mail leaves: also false when it has expired. */
  confirm(claim: Claim): Promise<boolean>
  /** A sign of life, so that the sweeper leaves a slow delivery alone. */
  renew(claim: Claim): Promise<boolean>
  /** Ends it well and wipes what it said. */
  markSent(claim: Claim, serverId: string | undefined): Promise<boolean>
  /** Has it enqueued again after a delay. */
  markRetry(claim: Claim, reason: string, delaySeconds: number): Promise<boolean>
  /** Ends it for good. */
  markFailed(claim: Claim, reason: string): Promise<boolean>
  /** Ends it if its time is over, and wipes what it said. */
  markExpired(claim: Claim): Promise<boolean>
}

const HELD = "where id = $1 and claim_token = $2 and state = 'claimed'"

// Prepared statements: these are the hot path of every mail (DESIGN.md section 5).
const STATEMENTS = {
  claim: `update mail.messages
    set state = 'claimed', claim_token = $2, attempts = attempts + 1, requeues = 0,
        enqueued_at = coalesce(enqueued_at, now()), updated_at = now()
    where id = $1 and state = any($3) and not_before <= now() and expires_at > now()
    returning id, claim_token as token, kind, lane, recipient, locale, message_id as "messageId",
              created_at as "createdAt", attempts as attempt, payload`,
  exists: "select id from mail.messages where id = $1",
  confirm: `update mail.messages set updated_at = now() ${HELD} and expires_at > now() returning id`,
  renew: `update mail.messages set updated_at = now() ${HELD} returning id`,
  markSent: `update mail.messages
    set state = 'sent', claim_token = null, payload = null, sent_at = now(), server_id = $3,
        last_error = null, updated_at = now() ${HELD} returning id`,
  markRetry: `update mail.messages
    set state = 'retry_wait', claim_token = null, enqueued_at = null, last_error = $3,
        not_before = now() + make_interval(secs => $4), updated_at = now() ${HELD} returning id`,
  markFailed: `update mail.messages
    set state = 'failed_permanent', claim_token = null, last_error = $3, updated_at = now() ${HELD}
    returning id`,
  markExpired: `update mail.messages
    set state = 'expired', claim_token = null, payload = null, updated_at = now()
    ${HELD} and expires_at <= now() returning id`,
}

type Row = Omit<Claim, "locale"> & { locale: string | null }

/** @param options.sealer the one the outbox seals with */
export function createClaims(options: { database: Database; sealer: Sealer }): Claims {
  const run = (statement: keyof typeof STATEMENTS, values: unknown[]) =>
    prepared<Row>(options.database.db, { name: `mail_${statement}`, text: STATEMENTS[statement], values })
  const changes = async (statement: keyof typeof STATEMENTS, { id, token }: Claim, ...values: unknown[]) =>
    (await run(statement, [id, token, ...values])).length === 1

  return {
    async claim(id, { takeOver = false } = {}) {
      const from = takeOver ? ["queued", "retry_wait", "claimed"] : ["queued", "retry_wait"]
      const [row] = await run("claim", [id, newId(), from])
      return row && { ...row, locale: row.locale ?? undefined }
    },
    exists: async (id) => (await run("exists", [id])).length === 1,
    open: (claim) => openContent(options.sealer, claim),
    confirm: (claim) => changes("confirm", claim),
    renew: (claim) => changes("renew", claim),
    markSent: (claim, serverId) => changes("markSent", claim, serverId ?? null),
    markRetry: (claim, reason, delaySeconds) => changes("markRetry", claim, reason, delaySeconds),
    markFailed: (claim, reason) => changes("markFailed", claim, reason),
    markExpired: (claim) => changes("markExpired", claim),
  }
}
