import { Problem } from "@gatepost/http"
import { systemClock } from "@gatepost/runtime"
import * as openid from "openid-client"
import { idOf, type OidcSettings } from "../social-providers/index.js"
import { appleClientSecret } from "./apple-client-secret.js"
import { idTokenVerifier, matchesNonce, type VerifiedClaims } from "./id-tokens.js"
import type { Upstream, Vouched } from "./social.types.js"
import type { UpstreamCalls } from "./upstream-calls.js"
import { isAuthoritative, isVerified, readEmail, readName } from "./vouched.js"

const NAMES = { google: "Google", apple: "Apple", oidc: "" }
const SCOPES = { google: "openid email profile", apple: "openid name email", oidc: "" }
const METADATA_TTL_MS = 3_600_000

/** Google, Apple, and whoever else speaks OpenID Connect. */
export function oidcUpstream(
  settings: OidcSettings,
  publicUrl: string,
  { fetch, during }: UpstreamCalls,
): Upstream {
  const id = idOf(settings)
  const redirectUri = `${publicUrl}/social/${id}/callback`
  const issuer = settings.issuer
  const isPlain = issuer.startsWith("http:")
  const secretFor =
    settings.type === "apple" ? appleClientSecret(settings) : async () => settings.client_secret.reveal()
  const verify = idTokenVerifier(
    { issuer, audiences: [settings.client_id, ...settings.native_client_ids] },
    fetch,
  )
  const metadata = kept(async () => {
    const found = await openid.discovery(new URL(issuer), settings.client_id, undefined, undefined, {
      ...(isPlain && { execute: [openid.allowInsecureRequests] }),
      [openid.customFetch]: fetch,
    })
    return found.serverMetadata()
  })

  /** With a secret of now. */
  async function configured(clientId = settings.client_id) {
    const server = await metadata()
    const secret = openid.ClientSecretPost(await secretFor(clientId))
    const configuration = new openid.Configuration({ ...server }, clientId, undefined, secret)
    configuration[openid.customFetch] = fetch
    if (isPlain) openid.allowInsecureRequests(configuration)
    return { configuration, jwksUri: server.jwks_uri ?? "" }
  }

  function vouchedBy(claims: VerifiedClaims, more: Partial<Vouched> = {}): Vouched {
    const email = readEmail(claims.email)
    return {
      provider: id,
      issuer,
      subject: claims.sub,
      upstreamClientId: claims.clientId,
      email,
      emailVerified: isVerified(claims.email_verified, settings.type),
      isAuthoritative: isAuthoritative(settings, email, claims),
      name: readName(claims.name),
      refreshToken: undefined,
      ...more,
    }
  }

  return {
    id,
    name: settings.name ?? NAMES[settings.type],
    redirectUri,
    takesIdTokens: true,
    linksByEmail: (settings.link_by_email ?? "authoritative") === "authoritative",

    authorizationUrl: ({ state, nonce, verifier }) =>
      during(async () => {
        const { configuration } = await configured()
        const url = openid.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: settings.type === "oidc" ? settings.scope : SCOPES[settings.type],
          state,
          nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          // Apple gives name and address in no other way.
          ...(settings.type === "apple" && { response_mode: "form_post" }),
        })
        return url.href
      }),

    exchange: (answer, { state, nonce, verifier }) =>
      during(async () => {
        const { configuration, jwksUri } = await configured()
        const { user, ...params } = Object.fromEntries(answer)
        const tokens = await openid.authorizationCodeGrant(
          configuration,
          new URL(`${redirectUri}?${new URLSearchParams(params)}`),
          { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        )
        // That library trusts the connection for it; the signature costs little more.
        const claims = await verify(tokens.id_token ?? "", jwksUri)
        const given = settings.type === "apple" ? appleName(user) : undefined
        return vouchedBy(claims, {
          ...(given && { name: given }),
          ...(settings.type === "apple" && { refreshToken: tokens.refresh_token }),
        })
      }),

    verifyIdToken: (idToken, nonce, code) =>
      during(async () => {
        const { jwks_uri: jwksUri = "" } = await metadata()
        const claims = await verify(idToken, jwksUri)
        if (!matchesNonce(claims.nonce, nonce)) throw new Problem("social.sign-in-invalid")
        const refreshToken =
          settings.type === "apple" && code ? await redeem(code, claims, jwksUri) : undefined
        const expiresAt = new Date(claims.exp * 1000)
        return { vouched: vouchedBy(claims, { refreshToken }), nonce: claims.nonce, expiresAt }
      }),

    ...(settings.type === "apple" && { revoke }),
  }

  async function revoke(token: string, clientId: string): Promise<number> {
    const { revocation_endpoint: target } = await metadata()
    if (!target) throw new Error("the provider names no revocation_endpoint")
    const form = {
      client_id: clientId,
      client_secret: await secretFor(clientId),
      token,
      token_type_hint: "refresh_token",
    }
    const headers = { "Content-Type": "application/x-www-form-urlencoded" }
    const answer = await fetch(target, {
      method: "POST",
      headers,
      body: new URLSearchParams(form).toString(),
    })
    return answer.status
  }

  /** What Apple gives an app beside the ID token, made a refresh token: without it nobody can take the consent back. */
  async function redeem(code: string, { sub, clientId }: VerifiedClaims, jwksUri: string) {
    const { configuration } = await configured(clientId)
    const tokens = await openid.genericGrantRequest(configuration, "authorization_code", { code })
    const own = await verify(tokens.id_token ?? "", jwksUri)
    if (own.sub !== sub || own.clientId !== clientId) throw new Problem("social.sign-in-invalid")
    return tokens.refresh_token
  }
}

/** The provider's own document, kept for an hour; one that can't be had is asked for again with the next call. */
function kept(ask: () => Promise<openid.ServerMetadata>) {
  let latest: { at: number; answer: Promise<openid.ServerMetadata> } | undefined
  return (): Promise<openid.ServerMetadata> => {
    const now = systemClock.now()
    if (latest && now - latest.at < METADATA_TTL_MS) return latest.answer
    const asked = { at: now, answer: ask() }
    latest = asked
    asked.answer.catch(() => {
      if (latest === asked) latest = undefined
    })
    return asked.answer
  }
}

/** Apple tells the name once, beside the first answer, as the person typed it. */
function appleName(user: string | undefined): string | undefined {
  try {
    const { name } = JSON.parse(user ?? "") as { name?: { firstName?: unknown; lastName?: unknown } }
    return readName([name?.firstName, name?.lastName].filter((part) => typeof part === "string").join(" "))
  } catch {
    return undefined
  }
}
