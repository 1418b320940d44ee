import { createHmac, randomInt, timingSafeEqual } from "node:crypto"
import type { MailPayload } from "@gatepost/contracts"
import { createTurns } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { accountsRepository } from "../accounts/index.js"
import { type AuditSource, insertAuditEvent } from "../audit/index.js"
import {
  type CodePurpose,
  type CodeUse,
  MAX_SHORT_RESET_TRIES,
  MAX_TRIES,
  oneTimeCodesRepository,
} from "./one-time-codes.repository.js"

export interface OneTimeCodesOptions {
  /** Keys the hashes: without it the stored ones can't be tried out. */
  key: Buffer
  ttlSeconds: number
}

export type OneTimeCodes = ReturnType<typeof createOneTimeCodes>

/** What a mail says of its code. */
type MailCode = NonNullable<MailPayload<"verify-email">["code"]>

interface Addressee {
  id: string
  email: string
}

const DIGITS: Record<CodePurpose, number> = {
  "verify-email": 6,
  "reset-password": 8,
  "change-email": 6,
  "sign-in": 8,
}
/** SECURITY.md section 2: six digits reset only where they are few, and soon dead. */
const MAX_SHORT_RESETS_PER_DAY = 3
/** So many that a turn comes within about two seconds. */
const MAX_WAITING = 100
/** About what a try takes where there is an account. */
const TURN_MS = 20

const USES = {
  "verify-email": { purpose: "verify-email", resets: false, maxTries: MAX_TRIES },
  "change-email": { purpose: "change-email", resets: false, maxTries: MAX_TRIES },
  // A wrong one costs the whole account, as with a reset: eight digits.
  "sign-in": { purpose: "sign-in", resets: false, maxTries: MAX_TRIES },
  "reset-password": { purpose: "reset-password", resets: true, maxTries: MAX_TRIES },
  "reset-by-verification-code": { purpose: "verify-email", resets: true, maxTries: MAX_SHORT_RESET_TRIES },
} as const satisfies Record<string, CodeUse>

/** Codes that prove who reads a mail; few enough digits to guess, so tries are few (M19, checks 48 and 55). */
export function createOneTimeCodes({
  database,
  options,
}: {
  database: Database
  options: OneTimeCodesOptions
}) {
  const hash = (id: string, purpose: CodePurpose, email: string, digits: string) =>
    createHmac("sha256", options.key)
      .update(JSON.stringify([id, purpose, email, digits]))
      .digest()

  return {
    /**
     * Tries of one person's codes, one after the other; whoever has no account is one too. Around all that looks
     * the person up, so that nobody can tell who has one.
     *
     * @throws Problem `request.too-many` where many wait already
     */
    inTurn: createTurns({ maxWaiting: MAX_WAITING, leastMs: TURN_MS }),

    /**
     * A new code in the caller's transaction, which has locked the account; the one before is dead.
     *
     * @param mayReset whether it resets the password too
     */
    async issue(
      trx: Db,
      account: Addressee,
      purpose: CodePurpose,
      mayReset: boolean,
      id = newId(),
    ): Promise<MailCode> {
      const digits = randomDigits(DIGITS[purpose])
      await oneTimeCodesRepository(trx).insertCode({
        id,
        accountId: account.id,
        email: account.email,
        purpose,
        mayReset,
        codeHash: hash(id, purpose, account.email, digits),
        ttlSeconds: options.ttlSeconds,
      })
      return { digits, expires_in_minutes: Math.round(options.ttlSeconds / 60) }
    },

    /** Whether a further code of six digits may reset this account's password today. */
    async hasShortResetsLeft(trx: Db, accountId: string): Promise<boolean> {
      const made = await oneTimeCodesRepository(trx).findResettingCount(accountId, "verify-email")
      return made < MAX_SHORT_RESETS_PER_DAY
    },

    /**
     * Compares a code with the open one, if tries are left; a wrong try stays counted, whatever happens next.
     *
     * @returns the code's id where it is right, for `consume`
     */
    async attempt(
      account: Addressee,
      use: keyof typeof USES,
      digits: string,
      source: AuditSource,
    ): Promise<string | undefined> {
      const { purpose, maxTries } = USES[use]
      return database.transaction(async (trx) => {
        // First the account, as everybody does: the second update of one row asks for its foreign key again.
        if (!(await accountsRepository(trx).lockById(account.id))) return undefined
        const codes = oneTimeCodesRepository(trx)
        const open = await codes.updateTried(account, USES[use])
        if (open && timingSafeEqual(open.codeHash, hash(open.id, purpose, account.email, digits))) {
          await codes.updateForgiven(open.id)
          return open.id
        }
        if (open) await codes.updateExhausted(open.id, maxTries)
        const event = { event: "one-time-code.refused", outcome: "failure", accountId: account.id } as const
        await insertAuditEvent(trx, { ...event, detail: { use } }, source)
        return undefined
      })
    },

    /** The one use of a right code, in the transaction of what it is for. */
    consume: (trx: Db, id: string, use: keyof typeof USES): Promise<boolean> =>
      use === "verify-email"
        ? oneTimeCodesRepository(trx).consumeVerification(id)
        : oneTimeCodesRepository(trx).consumeCode(id),

    /** What proves the address ends the codes that would; a reset ends all. */
    endAll: (trx: Db, accountId: string, which: "verifications" | "all"): Promise<void> =>
      which === "all"
        ? oneTimeCodesRepository(trx).updateAllConsumed(accountId)
        : oneTimeCodesRepository(trx).updateAllVerified(accountId),

    /** Deletes what is long over. */
    sweep: () => oneTimeCodesRepository(database.db).deleteExpired(),
  }
}

const randomDigits = (length: number): string => String(randomInt(10 ** length)).padStart(length, "0")
