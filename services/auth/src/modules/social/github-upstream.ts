import { Problem } from "@gatepost/http"
import * as openid from "openid-client"
import { z } from "zod"
import { type GitHubSettings, idOf } from "../social-providers/index.js"
import type { Upstream } from "./social.types.js"
import type { UpstreamCalls } from "./upstream-calls.js"
import { readEmail, readName } from "./vouched.js"

const User = z.object({ id: z.int().positive(), login: z.string(), name: z.string().nullish() })
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub speaks OAuth 2.0 without OpenID Connect: who somebody is, its API says. */
export function githubUpstream(
  settings: GitHubSettings,
  publicUrl: string,
  { fetch, during }: UpstreamCalls,
): Upstream {
  const id = idOf(settings)
  const redirectUri = `${publicUrl}/social/${id}/callback`
  const { issuer, api_url: apiUrl } = settings
  const isPlain = issuer.startsWith("http:")

  function configured() {
    const configuration = new openid.Configuration(
      {
        issuer,
        authorization_endpoint: `${issuer}/login/oauth/authorize`,
        token_endpoint: `${issuer}/login/oauth/access_token`,
      },
      settings.client_id,
      undefined,
      openid.ClientSecretPost(settings.client_secret.reveal()),
    )
    configuration[openid.customFetch] = fetch
    if (isPlain) openid.allowInsecureRequests(configuration)
    return configuration
  }

  async function ask<Schema extends z.ZodType>(path: string, accessToken: string, schema: Schema) {
    const headers = { Authorization: `Bearer ${accessToken}`, Accept: "application/vnd.github+json" }
    const answer = await fetch(`${apiUrl}${path}`, { headers })
    if (!answer.ok) throw new Error(`GitHub's API answered ${answer.status}`)
    return schema.parse(await answer.json())
  }

  return {
    id,
    name: settings.name ?? "GitHub",
    redirectUri,
    takesIdTokens: false,
    // It gives out no addresses.
    linksByEmail: false,

    authorizationUrl: ({ state, verifier }) =>
      during(async () => {
        const url = openid.buildAuthorizationUrl(configured(), {
          redirect_uri: redirectUri,
          scope: "read:user user:email",
          state,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
        })
        return url.href
      }),

    exchange: (answer, { state, verifier }) =>
      during(async () => {
        const tokens = await openid.authorizationCodeGrant(
          configured(),
          new URL(`${redirectUri}?${answer}`),
          { expectedState: state, pkceCodeVerifier: verifier },
        )
        const user = await ask("/user", tokens.access_token, User)
        const emails = await ask("/user/emails", tokens.access_token, Emails)
        const primary = emails.find((email) => email.primary)
        return {
          provider: id,
          issuer,
          // The number stays when the login is renamed, and is never given again.
          subject: String(user.id),
          upstreamClientId: settings.client_id,
          email: readEmail(primary?.email),
          emailVerified: primary?.verified === true,
          isAuthoritative: false,
          name: readName(user.name),
          refreshToken: undefined,
        }
      }),

    verifyIdToken: async () => {
      throw new Problem("social.sign-in-invalid")
    },
  }
}
