import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { accountsRepository, isGuest } from "../accounts/index.js"
import type { App, Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { LiveSession } from "../sessions/index.js"
import { attemptSecrets } from "./attempt-secrets.js"
import { attemptsRepository } from "./attempts.repository.js"
import { type Identity, identitiesRepository } from "./identities.repository.js"
import type { Members } from "./members.js"
import type { PresentedIdToken, SocialService } from "./social.service.js"
import type { Upstream, Vouched } from "./social.types.js"
import { upstreamRevocationsRepository } from "./upstream-revocations.repository.js"
import type { Upstreams } from "./upstreams.js"

export interface IdentitiesDeps {
  database: Database
  apps: Apps
  members: Members
  social: SocialService
  upstreams: Upstreams
  key: Buffer
  /** @throws Problem `mfa.step-up-required`, for who signed in long ago, or without the second factor */
  assertFresh(caller: UserCaller): Promise<void>
  /** Whether an account can be signed in to, as it is in a transaction. */
  hasWayIn(trx: Db, accountId: string): Promise<boolean>
}

/** The proof that an identity is one's own: an ID token, or what a provider sent back to the app. */
export type LinkProof = PresentedIdToken | { answer: Record<string, string> }

export type IdentitiesService = ReturnType<typeof createIdentitiesService>

const MAX_IDENTITIES = 20

/** The providers somebody signs in with, as they have it themselves. */
export function createIdentitiesService(deps: IdentitiesDeps) {
  const { database, apps, members, social, upstreams, key, hasWayIn } = deps
  const secrets = attemptSecrets(key)

  return {
    nameOf: upstreams.nameOf,

    /** @throws Problem `token.scope-missing` */
    async list(caller: UserCaller): Promise<Identity[]> {
      assertOwnApp(caller)
      return identitiesRepository(database.db).listOf(caller.userId)
    },

    /**
     * Begins a link in a browser. What comes back goes to the app, which ends it with the session that began it: so
     * nobody is led to link what is theirs to somebody else's account.
     *
     * @throws Problem `token.scope-missing`, `mfa.step-up-required`, `identity.redirect-uri-unknown`, `social.provider-…`
     */
    async begin(caller: UserCaller, provider: string, redirectUri: string): Promise<string> {
      const app = assertOwnApp(caller)
      await assertFresh(caller)
      if (!app.redirect_uris.includes(redirectUri)) throw new Problem("identity.redirect-uri-unknown")
      return attemptUrl(find(app, provider), caller, redirectUri)
    },

    /** The same for a page of ours at `ownUrl`, where what comes back goes on. */
    async beginHere(caller: UserCaller, provider: string, ownUrl: string): Promise<string> {
      const upstream = find(assertOwnApp(caller), provider)
      await assertFresh(caller)
      return attemptUrl(upstream, caller, ownUrl)
    },

    /**
     * Links an identity to the caller's account.
     *
     * @throws Problem `token.scope-missing`, `mfa.step-up-required`, `identity.…`, `social.…`
     */
    async link(
      caller: UserCaller,
      provider: string,
      proof: LinkProof,
      context: RequestContext,
    ): Promise<Identity> {
      const upstream = find(assertOwnApp(caller), provider)
      await assertFresh(caller)
      const { vouched, consume } = await read(upstream, proof, caller)

      return database.transaction(async (trx) => {
        const account = await accountsRepository(trx).lockById(caller.userId)
        if (!account?.isActive) throw new Problem("token.invalid")
        await consume(trx)
        // Whose address it is has to be known first, or the identity would stay with whoever made the account (check 28).
        if (!account.emailVerified && !isGuest(account)) throw new Problem("identity.email-unverified")
        const linked = await identitiesRepository(trx).findByKey(vouched)
        if (linked?.accountId === account.id) return linked
        if ((await identitiesRepository(trx).findCount(account.id)) >= MAX_IDENTITIES)
          throw new Problem("identity.too-many")
        const owner = isGuest(account) ? await members.upgrade(trx, account, vouched, context) : account
        return members.link(trx, owner, vouched, context)
      })
    },

    /**
     * Takes an identity away, but never the last way in.
     *
     * @throws Problem `token.scope-missing`, `mfa.step-up-required`, `identity.not-found`, `identity.last-way-in`
     */
    async unlink(caller: UserCaller, id: string, context: RequestContext): Promise<void> {
      assertOwnApp(caller)
      await assertFresh(caller)
      await database.transaction(async (trx) => {
        // Two at once would each see the other's way in.
        const account = await accountsRepository(trx).lockById(caller.userId)
        // What takes the consent back upstream is no use to anybody who does not sign in by it.
        if (account) await upstreamRevocationsRepository(trx).insertAll(account.id, { id })
        const identity = account && (await identitiesRepository(trx).deleteIdentity(id, account.id))
        if (!account || !identity) throw new Problem("identity.not-found")
        if (!(await hasWayIn(trx, account.id))) throw new Problem("identity.last-way-in")
        const event = { event: "identity.unlinked", outcome: "success", accountId: account.id } as const
        await insertAuditEvent(trx, { ...event, detail: { provider: identity.provider } }, context)
        await members.tell(trx, account, identity.provider, "removed", context)
      })
    },
  }

  async function attemptUrl(upstream: Upstream, { sessionId }: UserCaller, redirectUri: string) {
    const attempt = secrets.make()
    const url = await upstream.authorizationUrl(attempt)
    const owner = { sessionId, redirectUri }
    await attemptsRepository(database.db).insertAttempt(secrets.hash(attempt.state), upstream.id, owner)
    return url
  }

  async function read(
    upstream: Upstream,
    proof: LinkProof,
    { sessionId }: UserCaller,
  ): Promise<{ vouched: Vouched; consume(trx: Db): Promise<void> }> {
    if ("idToken" in proof) return social.read(upstream, proof)
    const answer = new URLSearchParams(proof.answer)
    const state = answer.get("state") ?? ""
    const attempts = attemptsRepository(database.db)
    const isTheirs = await attempts.consumeAttempt(secrets.hash(state), upstream.id, { sessionId })
    if (!isTheirs) throw new Problem("social.sign-in-invalid")
    return { vouched: await upstream.exchange(answer, secrets.of(state)), consume: async () => {} }
  }

  /** Who holds a token is not enough to change how somebody signs in (ASVS 7.5.1). A guest has nothing to prove. */
  async function assertFresh(caller: UserCaller): Promise<void> {
    if (!isGuest((caller.state as LiveSession).account)) await deps.assertFresh(caller)
  }

  function find(app: App, provider: string): Upstream {
    const upstream = upstreams.find(app, provider)
    if (!upstream) throw new Problem("social.provider-unknown")
    return upstream
  }

  /** Whoever lets somebody else's app read and change their account gives it no way to sign in. */
  function assertOwnApp({ clientId }: UserCaller): App {
    const app = apps.find(clientId)
    if (!app?.first_party) throw new Problem("token.scope-missing")
    return app
  }
}
