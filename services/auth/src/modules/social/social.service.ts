import { Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { sha256 } from "@gatepost/runtime"
import type { App, Apps } from "../apps/index.js"
import {
  type Admission,
  admitted,
  type FirstProof,
  type IssuedTokens,
  type ProvedSignIn,
  type SessionsService,
  type SignInContext,
} from "../sessions/index.js"
import { attemptSecrets } from "./attempt-secrets.js"
import { attemptsRepository } from "./attempts.repository.js"
import type { Members } from "./members.js"
import type { Upstream } from "./social.types.js"
import type { Upstreams } from "./upstreams.js"

export interface SocialDeps {
  database: Database
  apps: Apps
  members: Members
  sessions: SessionsService
  upstreams: Upstreams
  /** Makes nonces and PKCE verifiers. */
  key: Buffer
}

/** A browser in the middle of a sign-in that an app began at the OpenID Provider. */
export interface SignInBrowser {
  /** What its cookie holds. */
  secret: string
  /** Or the page of ours that it goes on to. */
  interactionUid: string
}

/** An ID token as an app got it. */
export interface PresentedIdToken {
  idToken: string
  nonce: string
  /** Apple's authorization code. */
  code?: string | undefined
  /** What the person is called, where the provider tells it to the app alone. */
  name?: string | undefined
}

export type SocialService = ReturnType<typeof createSocialService>

export function createSocialService({ database, apps, members, sessions, upstreams, key }: SocialDeps) {
  const secrets = attemptSecrets(key)

  return {
    /** Those that an app offers. */
    list: (app: App | undefined) => upstreams.of(app).map(({ id, name }) => ({ id, name })),

    /**
     * Begins a sign-in in a browser.
     *
     * @returns where to send it
     * @throws Problem `social.provider-unknown`, `social.provider-unavailable`
     */
    async begin(app: App | undefined, provider: string, browser: SignInBrowser): Promise<string> {
      const upstream = find(app, provider)
      const attempt = secrets.make()
      const url = await upstream.authorizationUrl(attempt)
      await attemptsRepository(database.db).insertAttempt(
        secrets.hash(attempt.state),
        provider,
        ownerOf(browser),
      )
      return url
    },

    /** Where an answer of a provider belongs, if its attempt is open. */
    findOpen: (provider: string, state: string) =>
      attemptsRepository(database.db).findOpen(secrets.hash(state), provider),

    /**
     * The end of a sign-in in a browser, by the parameters that the provider sent it back with.
     *
     * @returns whose it is, or what else they have to prove
     * @throws Problem `social.…`
     */
    async finish(
      app: App | undefined,
      provider: string,
      answer: URLSearchParams,
      { secret, interactionUid, ...place }: SignInBrowser & Omit<FirstProof, "amr">,
      context: RequestContext,
    ): Promise<Admission<ProvedSignIn>> {
      const { upstream, vouched } = await exchanged(app, provider, answer, { secret, interactionUid })
      const proof = { ...place, amr: ["fed"] }
      return members.whileFound(upstream, vouched, context, (trx, account, at) =>
        sessions.admitBrowser(trx, account, { ...proof, at }, context),
      )
    },

    /**
     * The same where a page of ours began it for itself: its browser gets a session, as an app does.
     *
     * @throws Problem `client.not-allowed-here`, `social.…`, `mfa.required`
     */
    async finishHere(
      app: App | undefined,
      provider: string,
      answer: URLSearchParams,
      browser: SignInBrowser,
      context: SignInContext,
    ): Promise<IssuedTokens> {
      sessions.assertAllowedHere(context)
      const { upstream, vouched } = await exchanged(app, provider, answer, browser)
      const admission = await members.whileFound(upstream, vouched, context, (trx, account) =>
        sessions.admit(trx, account, ["fed"], context),
      )
      return admitted(admission)
    },

    /**
     * Signs in by an ID token that an app got by itself.
     *
     * @throws Problem `client.not-allowed-here`, `social.…`, `mfa.required`
     */
    async signIn(
      provider: string,
      presented: PresentedIdToken,
      context: SignInContext,
    ): Promise<IssuedTokens> {
      sessions.assertAllowedHere(context)
      const upstream = find(apps.ofRequest(context), provider)
      const { vouched, consume } = await this.read(upstream, presented)
      const admission = await members.whileFound(upstream, vouched, context, async (trx, account) => {
        await consume(trx)
        return sessions.admit(trx, account, ["fed"], context)
      })
      return admitted(admission)
    },

    /** What an ID token says, and its one use, for the caller's transaction. */
    async read(upstream: Upstream, { idToken, nonce, code, name }: PresentedIdToken) {
      const proof = await upstream.verifyIdToken(idToken, nonce, code)
      const { issuer } = proof.vouched
      return {
        vouched: { ...proof.vouched, name: proof.vouched.name ?? name },
        /** @throws Problem `social.sign-in-invalid` where it was used before (check 99) */
        async consume(trx: Db): Promise<void> {
          const nonceHash = sha256(`${issuer} ${proof.nonce}`)
          const isFirst = await attemptsRepository(trx).consumeNonce(nonceHash, proof.expiresAt)
          if (!isFirst) throw new Problem("social.sign-in-invalid")
        },
      }
    },

    /** Deletes what is long over. */
    sweep: () => attemptsRepository(database.db).deleteExpired(),
  }

  /** What a provider vouches for, to the browser that began; the state's one use. */
  async function exchanged(
    app: App | undefined,
    provider: string,
    answer: URLSearchParams,
    browser: SignInBrowser,
  ) {
    const upstream = find(app, provider)
    const state = answer.get("state") ?? ""
    const isTheirs = await attemptsRepository(database.db).consumeAttempt(
      secrets.hash(state),
      provider,
      ownerOf(browser),
    )
    if (!isTheirs) throw new Problem("social.sign-in-invalid")
    const vouched = await upstream.exchange(answer, secrets.of(state))
    return { upstream, vouched }
  }

  function find(app: App | undefined, provider: string): Upstream {
    const upstream = upstreams.find(app, provider)
    if (!upstream) throw new Problem("social.provider-unknown")
    return upstream
  }
}

const ownerOf = ({ secret, interactionUid }: SignInBrowser) => ({
  browserHash: sha256(secret),
  interactionUid,
})
