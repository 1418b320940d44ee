import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { newId, type Sealer } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Ownership } from "../ownership/index.js"
import { type Identity, identitiesRepository } from "./identities.repository.js"
import type { Upstream, Vouched } from "./social.types.js"

export interface MembersDeps {
  database: Database
  apps: Apps
  outbox: Outbox
  ownership: Ownership
  sealer: Sealer
  /** What people call a provider. */
  nameOf(provider: string): string
}

export type Members = ReturnType<typeof createMembers>

/** Somebody was faster: what was looked up is no more. The transaction has to be undone, and done again. */
class Overtaken extends Error {
  override readonly name = "Overtaken"
}

const MAX_TRIES = 3
const NOTICE_TTL_SECONDS = 86_400

/** Who of us it is that a provider vouches for: by issuer and subject, and by nothing else once they are known. */
export function createMembers({ database, apps, outbox, ownership, sealer, nameOf }: MembersDeps) {
  return {
    /** Does `work` for the account that is theirs, made or linked where it has to be, in one transaction. */
    async whileFound<Result>(
      upstream: Upstream,
      vouched: Vouched,
      context: RequestContext,
      work: (trx: Db, account: Account, at: number) => Promise<Result>,
    ): Promise<Result> {
      for (let tries = 1; tries <= MAX_TRIES; tries++) {
        try {
          return await database.transaction(async (trx) => {
            const account = await findOrMake(trx, upstream, vouched, context)
            const active = await accountsRepository(trx).lockActive(account.id)
            if (!active) throw new Problem("social.sign-in-invalid")
            return work(trx, active.account, active.at)
          })
        } catch (cause) {
          if (!(cause instanceof Overtaken)) throw cause
        }
      }
      throw new Problem("social.email-taken")
    },

    /** @throws Problem `identity.taken` */
    async link(trx: Db, account: Account, vouched: Vouched, context: RequestContext): Promise<Identity> {
      const identity = await insert(trx, account, vouched, context)
      if (!identity) throw new Problem("identity.taken")
      await tell(trx, account, vouched.provider, "added", context)
      return identity
    },

    /** A guest becomes who the provider says; @throws Problem `social.email-unverified`, `social.email-taken` */
    async upgrade(trx: Db, guest: Account, vouched: Vouched, context: RequestContext): Promise<Account> {
      const { email, emailVerified, name } = vouched
      if (!email || !emailVerified) throw new Problem("social.email-unverified")
      const account = await accountsRepository(trx).updateGuest(guest, { email, name, emailVerified })
      if (!account) throw new Problem("social.email-taken")
      const event = { event: "account.upgraded", outcome: "success", accountId: account.id } as const
      await insertAuditEvent(trx, event, context)
      return account
    },

    tell,
  }

  async function findOrMake(trx: Db, upstream: Upstream, vouched: Vouched, context: RequestContext) {
    const identity = await identitiesRepository(trx).findByKey(vouched)
    if (identity) {
      const known = await accountsRepository(trx).lockById(identity.accountId)
      if (!known) throw new Overtaken()
      await identitiesRepository(trx).updateUsed(identity.id, vouched.email)
      await keepRefreshToken(trx, identity.id, vouched)
      return known
    }
    const { email, emailVerified } = vouched
    if (!email || !emailVerified) throw new Problem("social.email-unverified")
    const held = await accountsRepository(trx).findByEmail(email)
    const account = held
      ? await joined(trx, held.id, upstream, vouched, context)
      : await made(trx, email, vouched, context)
    if (!(await insert(trx, account, vouched, context))) throw new Overtaken()
    return account
  }

  /** Checks 28 and 98: who else may have an account with that address. */
  async function joined(
    trx: Db,
    id: string,
    upstream: Upstream,
    vouched: Vouched,
    context: RequestContext,
  ): Promise<Account> {
    const account = await accountsRepository(trx).lockById(id)
    // Since the look without the lock, they may have come by another request of their own.
    const isKnown = await identitiesRepository(trx).findByKey(vouched)
    if (!account || account.email !== vouched.email || isKnown) throw new Overtaken()
    if (!account.isActive) throw new Problem("social.sign-in-invalid")
    if (!account.emailVerified) return ownership.claim(trx, account, context)
    if (!upstream.linksByEmail || !vouched.isAuthoritative) throw new Problem("social.email-taken")
    await tell(trx, account, vouched.provider, "added", context)
    return account
  }

  async function made(trx: Db, email: string, { name, provider }: Vouched, context: RequestContext) {
    const account = await accountsRepository(trx).insertAccount({
      id: newId(),
      email,
      name,
      locale: context.language,
      passwordHash: undefined,
      emailVerified: true,
    })
    if (!account) throw new Overtaken()
    const event = { event: "account.registered", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, { ...event, detail: { provider } }, context)
    return account
  }

  async function insert(trx: Db, account: Account, vouched: Vouched, context: RequestContext) {
    const identity = await identitiesRepository(trx).insertIdentity(newId(), account.id, vouched)
    if (!identity) return undefined
    await keepRefreshToken(trx, identity.id, vouched)
    const event = { event: "identity.linked", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, { ...event, detail: { provider: vouched.provider } }, context)
    return identity
  }

  async function keepRefreshToken(trx: Db, id: string, { refreshToken, upstreamClientId }: Vouched) {
    if (!refreshToken) return
    await identitiesRepository(trx).updateRefreshToken(id, sealer.seal(refreshToken, id), upstreamClientId)
  }

  /** The owner hears of each way in that comes or goes. */
  async function tell(
    trx: Db,
    account: Account,
    provider: string,
    change: "added" | "removed",
    context: RequestContext,
  ): Promise<void> {
    await outbox.enqueue(trx, {
      kind: "sign-in-method-changed",
      recipient: account.email,
      locale: account.locale ?? context.language,
      payload: {
        ...apps.mailHeader(apps.ofRequest(context).client_id, account),
        method: nameOf(provider),
        change,
        changed_at: new Date().toISOString(),
      },
      expiresInSeconds: NOTICE_TTL_SECONDS,
    })
  }
}
