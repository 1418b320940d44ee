import { userScopes } from "@gatepost/contracts"
import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
import { newId, randomToken } from "@gatepost/runtime"
import type { AccessTokens } from "../access-tokens/index.js"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Visitor } from "../sign-in-guard/index.js"
import { admitted, type ProvedSignIn } from "./admission.js"
import { asGranted } from "./as-granted.js"
import { type Credentials, createPasswordProof, type PasswordProofDeps } from "./password-proof.js"
import type { SessionStore } from "./session-store.js"
import type {
  Admission,
  FirstProof,
  IssuedTokens,
  LiveSession,
  PresentedToken,
  SignInContext,
  SignInPolicy,
} from "./sessions.types.js"

export interface SessionsDeps extends PasswordProofDeps {
  accessTokens: AccessTokens
  apps: Apps
  store: SessionStore
  policy: SignInPolicy
}

export type SessionsService = ReturnType<typeof createSessionsService>

export function createSessionsService(deps: SessionsDeps) {
  const { database, accessTokens, apps, signInGuard, store, policy } = deps
  const { findProved, whileUnchanged } = createPasswordProof(deps)

  return {
    start,
    admit,
    admitBrowser,
    assertAllowedHere,
    /** Knows the device of who was admitted by another module: what `admit` and `admitBrowser` do by themselves. */
    rememberVisitor: signInGuard.remember,
    assertLevel: policy.assertLevel,
    assertFresh: policy.assertFresh,

    /**
     * Somebody who is signed in proves once more who they are.
     *
     * @returns the hash that the account has now
     * @throws Problem `password.current-wrong`, `request.too-many`
     */
    async assertPassword(account: Account, password: string, context: RequestContext): Promise<string> {
      const proved = await findProved({ email: account.email, password }, context, true)
      if (!proved) throw new Problem("password.current-wrong")
      return proved.passwordHash
    },

    /**
     * @throws Problem `client.not-allowed-here`; `request.too-many`; `session.credentials-invalid`, after the same
     *   work, whatever was wrong; `mfa.required`, with a challenge
     */
    async signIn(credentials: Credentials, context: SignInContext): Promise<IssuedTokens> {
      assertAllowedHere(context)
      return admitted(
        await whileUnchanged(credentials, context, (trx, account) => admit(trx, account, ["pwd"], context)),
      )
    },

    /**
     * Who signs in by the OpenID Provider's pages. It counts from now on, however late the browser goes on,
     * and not after a reset that is committed next (check 54).
     *
     * @returns the account, the time in seconds since 1970, and what its browser is known by, if that is new; or a
     *   challenge
     * @throws Problem `request.too-many`; `session.credentials-invalid`, after the same work, whatever was wrong
     */
    prove: (
      credentials: Credentials,
      where: Omit<FirstProof, "amr">,
      context: SignInContext,
    ): Promise<Admission<ProvedSignIn>> =>
      whileUnchanged(credentials, context, (trx, account, at) =>
        admitBrowser(trx, account, { ...where, amr: ["pwd"], at }, context),
      ),

    /**
     * Exchanges a refresh token for its successor and a fresh access token; a retry gets the same
     * successor. A token that comes again after its successor was used ends the session.
     *
     * @throws Problem `client.not-allowed-here`, `session.refresh-invalid`, `request.too-many`
     */
    async refresh(refreshToken: string, context: RequestContext): Promise<IssuedTokens> {
      assertAllowedHere(context)
      const presented = await store.findPresented(refreshToken)
      if (!presented || !isOursToRefresh(presented)) throw new Problem("session.refresh-invalid")

      // Signed while the database works.
      const [isExchanged, tokens] = await Promise.all([
        store.exchange(refreshToken, presented, context),
        tokensOf(asGranted(presented), store.successorOf(refreshToken, presented)),
      ])
      if (!isExchanged) throw new Problem("session.refresh-invalid")
      return tokens
    },

    /** Ends the caller's session; its tokens are refused from the commit on. */
    signOut: (caller: UserCaller, context: RequestContext): Promise<void> =>
      store.end(caller.sessionId, "logout", context),

    /**
     * The caller's live sessions, the last used first.
     *
     * @throws Problem `token.scope-missing`, as all that is about other sessions than the caller's own
     */
    async list(caller: UserCaller) {
      assertOwnApp(caller)
      await policy.assertLevel(caller)
      return store.listLive(caller.userId)
    },

    /** @throws Problem `token.scope-missing`; `session.not-found`, also for somebody else's */
    async endOne(caller: UserCaller, sessionId: string, context: RequestContext): Promise<void> {
      assertOwnApp(caller)
      await policy.assertLevel(caller)
      const session = await store.findLive(sessionId)
      if (session?.account.id !== caller.userId) throw new Problem("session.not-found")

      await store.end(sessionId, "ended-by-user", context)
    },

    /**
     * Ends all sessions of the caller, or all but the one that asks; every browser has to sign in anew.
     *
     * @throws Problem `token.scope-missing`
     */
    async endMany(caller: UserCaller, which: "all" | "others", context: RequestContext): Promise<void> {
      assertOwnApp(caller)
      await policy.assertLevel(caller)
      const keep = which === "others" ? caller.sessionId : undefined
      await database.transaction(async (trx) => {
        await accountsRepository(trx).lockById(caller.userId)
        await accountsRepository(trx).updateSignedOut(caller.userId)
        await store.endAll(trx, caller.userId, "ended-by-user", context, keep)
      })
    },
  }

  /** @throws Problem `client.not-allowed-here` when the app that calls gets no tokens by JSON */
  function assertAllowedHere(context: RequestContext): void {
    const { client_id } = apps.ofRequest(context)
    if (!apps.getsTokensByJson(client_id)) throw new Problem("client.not-allowed-here")
  }

  /** Whoever lets somebody else's app read and change their account speaks of no other app's sessions. */
  function assertOwnApp({ clientId }: UserCaller): void {
    if (!apps.find(clientId)?.first_party) throw new Problem("token.scope-missing")
  }

  /**
   * The one decision of every sign-in, in the caller's transaction: a session, or a challenge where the account
   * has a second factor that was not proved.
   *
   * @param amr what was proved; with `mfa` more than one factor
   * @throws Problem `client.not-allowed-here`
   */
  async function admit(
    trx: Db,
    account: Account,
    amr: string[],
    context: SignInContext,
  ): Promise<Admission<IssuedTokens>> {
    const boundTo = `app ${apps.ofRequest(context).client_id}`
    const proof = { amr, boundTo, mfaDeviceToken: context.mfaDeviceToken }
    const challenge = await policy.demand(trx, account, proof, context)
    if (challenge) return { kind: "challenged", challenge }
    return { kind: "admitted", result: await start(trx, account, amr, context) }
  }

  /** The same for a sign-in at the OpenID Provider's pages, that counts from `at` on (seconds since 1970). */
  async function admitBrowser(
    trx: Db,
    account: Account,
    { at, ...proof }: FirstProof & { at: number },
    context: RequestContext & Visitor,
  ): Promise<Admission<ProvedSignIn>> {
    const challenge = await policy.demand(trx, account, proof, context)
    if (challenge) return { kind: "challenged", challenge }
    const deviceToken = await signInGuard.remember(trx, account, context)
    return { kind: "admitted", result: { accountId: account.id, at, amr: proof.amr, deviceToken } }
  }

  /**
   * Starts a session in the caller's transaction, for an account that has proved all that it has to: whoever
   * signs in comes by `admit`.
   *
   * @param authenticatedAt when they did; now, if unset
   * @throws Problem `client.not-allowed-here`
   */
  async function start(
    trx: Db,
    account: Account,
    amr: string[],
    context: SignInContext,
    authenticatedAt?: Date,
  ): Promise<IssuedTokens> {
    assertAllowedHere(context)
    const clientId = apps.ofRequest(context).client_id
    const refreshToken = randomToken()
    const id = newId()
    const scopes = [...userScopes]

    const { deviceName, userAgent, ip } = context
    const times = await store.insertWithToken(
      trx,
      { id, accountId: account.id, clientId, amr, deviceName, userAgent, ip, scopes, authenticatedAt },
      refreshToken,
    )
    const event = { event: "session.started", outcome: "success", sessionId: id, clientId } as const
    await insertAuditEvent(trx, { ...event, accountId: account.id }, context)
    const deviceToken = await signInGuard.remember(trx, account, context)

    const session = { id, clientId, amr, scopes, account, oidcGrant: undefined, ...times }
    return { ...(await tokensOf(session, refreshToken)), deviceToken }
  }

  async function tokensOf(session: LiveSession, refreshToken: string): Promise<IssuedTokens> {
    const { accessToken, expiresInSeconds } = await accessTokens.issue({ ...session, sessionId: session.id })
    return { accessToken, refreshToken, expiresInSeconds, account: session.account }
  }

  /** A token that a client must authenticate for, or that is bound to a key, is for the token endpoint alone. */
  function isOursToRefresh({ session, oidcPayload }: PresentedToken): boolean {
    const isBound = oidcPayload !== undefined && "jkt" in oidcPayload
    return !isBound && apps.getsTokensByJson(session.clientId)
  }
}
