import * as openid from "openid-client"
import { newEmail, register } from "../../support/people.js"
import { type Browser, openBrowser } from "../../support/relying-party.js"
import { type AuthProcess, PUBLIC_URL } from "../../support/setup.js"
import type { Client } from "./apps.js"
import { signIn } from "./flows.js"

/** A client that a certified library made of our discovery document, and nothing else. */
export function discover(auth: AuthProcess, client: Client): Promise<openid.Configuration> {
  const method = !client.secret
    ? openid.None()
    : client.inForm
      ? openid.ClientSecretPost(client.secret)
      : openid.ClientSecretBasic(client.secret)
  return openid.discovery(new URL(`${PUBLIC_URL}/oidc`), client.clientId, undefined, method, {
    execute: [openid.allowInsecureRequests],
    // The public URL is this process's behind no proxy at all.
    [openid.customFetch]: (url, options) => {
      const { pathname, search } = new URL(url)
      return fetch(new URL(pathname + search, auth.url), options as RequestInit)
    },
  })
}

/** A code flow by that library, in a browser where nobody or somebody is signed in. */
export async function libraryFlow(
  auth: AuthProcess,
  client: Client,
  options: { params?: Record<string, string>; browser?: Browser; email?: string } = {},
) {
  const config = await discover(auth, client)
  const email = options.email ?? newEmail()
  if (!options.email) await register(auth, email, "Kim Lee")
  const browser = options.browser ?? openBrowser(auth)
  const verifier = openid.randomPKCECodeVerifier()
  const [state, nonce] = [openid.randomState(), openid.randomNonce()]
  const params = {
    redirect_uri: client.redirectUri,
    scope: "openid",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...options.params,
  } as Record<string, string>
  for (const name of Object.keys(params)) if (params[name] === "") delete params[name]

  const { pathname, search } = openid.buildAuthorizationUrl(config, params)
  const request = { ...client, path: pathname + search, params, verifier }
  const location = await signIn(browser, request, email)
  const tokens = await openid.authorizationCodeGrant(config, new URL(location), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    ...(params.nonce && { expectedNonce: nonce }),
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (!claims) throw new Error("there is no ID token")
  return { config, email, browser, request, location, tokens, claims }
}
