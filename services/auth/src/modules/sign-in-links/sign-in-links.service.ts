import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { newId, randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { OneTimeCodes } from "../one-time-codes/index.js"
import type { Ownership } from "../ownership/index.js"
import { signInLinksRepository } from "./sign-in-links.repository.js"

export interface SignInLinksDeps {
  database: Database
  apps: Apps
  codes: OneTimeCodes
  outbox: Outbox
  ownership: Ownership
  options: { ttlSeconds: number; cooldown: boolean }
}

/** What the mail brought: the link's token, or the code. */
export type MailProof = { token: string } | { digits: string }

export type SignInLinksService = ReturnType<typeof createSignInLinksService>

const MAX_MAILS_PER_HOUR = 3
const MAX_MAILS_PER_DAY = 10

/** Sign-in by a mail. Who has it still needs what the asking app or browser holds: forwarded, it is worth nothing. */
export function createSignInLinksService(deps: SignInLinksDeps) {
  const { database, apps, codes, outbox, ownership, options } = deps

  return {
    /**
     * Sends a link and a code where there is an account.
     *
     * @returns the other half, for who asks; they can't tell from it whether there is one
     */
    async request(email: string, context: RequestContext): Promise<string> {
      const binding = randomToken()
      const found = await accountsRepository(database.db).findByEmail(email)
      if (!found) return binding

      await database.transaction(async (trx) => {
        // Of several requests at once each waits for the one before, and then counts its mail.
        const account = await accountsRepository(trx).lockById(found.id)
        if (!account?.isActive) return
        if (options.cooldown && (await isTooSoon(trx, account.id))) return
        await send(trx, account, binding, context)
      })
      return binding
    },

    /**
     * Does what the mail is for, in the transaction of its one use, for the account whose it is.
     *
     * @throws Problem `sign-in-link.invalid`, the same whatever was wrong; `request.too-many`
     */
    async whileProved<Result>(
      binding: string,
      proof: MailProof,
      context: RequestContext,
      work: (trx: Db, account: Account, at: number) => Promise<Result>,
    ): Promise<Result> {
      const bindingHash = sha256(binding)
      const tokenHash = "token" in proof ? sha256(proof.token) : undefined
      const find = () => signInLinksRepository(database.db).findOpen(bindingHash, tokenHash)
      const { link, code } = await ("digits" in proof
        ? codes.inTurn(bindingHash.toString("base64url"), async () => {
            const link = await find()
            const addressee = link && { id: link.accountId, email: link.email }
            const code = addressee && (await codes.attempt(addressee, "sign-in", proof.digits, context))
            return { link: code && code === link?.codeId ? link : undefined, code }
          })
        : { link: await find(), code: undefined })
      if (!link) throw new Problem("sign-in-link.invalid")

      return database.transaction(async (trx) => {
        const active = await accountsRepository(trx).lockActive(link.accountId)
        // A reset, and whatever else signs out, ends what was mailed before (check 54).
        const isStillGood =
          active?.account.email === link.email &&
          (await accountsRepository(trx).isSignedInSince(link.accountId, link.askedAt))
        const isFirst =
          isStillGood &&
          (await signInLinksRepository(trx).consumeLink(bindingHash)) &&
          (!code || (await codes.consume(trx, code, "sign-in")))
        if (!active || !isFirst) throw new Problem("sign-in-link.invalid")
        if (active.account.emailVerified) return work(trx, active.account, active.at)

        const account = await ownership.claim(trx, active.account, context)
        const claimed = await accountsRepository(trx).lockActive(account.id)
        return work(trx, account, claimed?.at ?? active.at)
      })
    },

    /** Deletes what is long over. */
    sweep: () => signInLinksRepository(database.db).deleteExpired(),
  }

  async function send(trx: Db, account: Account, binding: string, context: RequestContext): Promise<void> {
    const app = apps.ofRequest(context)
    const token = randomToken()
    const codeId = newId()
    const { ttlSeconds } = options
    await signInLinksRepository(trx).insertLink({
      bindingHash: sha256(binding),
      tokenHash: sha256(token),
      accountId: account.id,
      email: account.email,
      codeId,
      ttlSeconds,
    })
    await outbox.enqueue(trx, {
      kind: "sign-in-link",
      recipient: account.email,
      locale: account.locale ?? context.language,
      payload: {
        ...apps.mailHeader(app.client_id, account),
        link: apps.link(app, "sign_in", token),
        expires_in_minutes: Math.round(ttlSeconds / 60),
        code: await codes.issue(trx, account, "sign-in", false, codeId),
      },
      expiresInSeconds: ttlSeconds,
    })
    const event = { event: "sign-in-link.requested", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
  }

  async function isTooSoon(trx: Db, accountId: string): Promise<boolean> {
    const { minute, hour, day } = await signInLinksRepository(trx).findRecentCounts(accountId)
    return minute > 0 || hour >= MAX_MAILS_PER_HOUR || day >= MAX_MAILS_PER_DAY
  }
}
