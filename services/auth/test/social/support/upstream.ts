import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { decodeProtectedHeader, exportJWK, type JWTPayload, jwtVerify, SignJWT } from "jose"
import Provider from "oidc-provider"

/** What a provider says of somebody. */
export type Claims = { sub: string; email?: string; email_verified?: unknown; [more: string]: unknown }

export interface Upstream {
  issuer: string
  /** Who signs in there next. */
  person: Claims
  /** An ID token as an app's SDK gets it; members that are `undefined` are left out. */
  idToken(claims: Claims & { nonce?: string | undefined; aud?: string }, how?: Forgery): Promise<string>
  /** What its token endpoint was sent. */
  tokenRequests: Record<string, string>[]
  /** What was given back to it, by a client that it knows. */
  revocations: Record<string, string>[]
  /** Codes that an app's SDK was given, and whose they are: without a redirect there is no redirect URI. */
  appCodes: Map<string, Claims>
  /** While true, it answers 503. */
  isAway: boolean
  stop(): Promise<void>
}

export interface Forgery {
  header?: Record<string, unknown>
  key?: KeyObject | Uint8Array
  payload?: JWTPayload
}

export const CLIENT_ID = "gatepost.web"
export const NATIVE_CLIENT_ID = "gatepost.ios"
export const CLIENT_SECRET = "upstream-secret-0123456789abcdef"

export interface UpstreamOptions {
  redirectUri: string
  /** Its client secrets are ES256 JWTs of this key, as Apple's are. */
  appleKey?: KeyObject
}

/** An OpenID Provider that is not ours: a real one, in which the person of the moment signs in without a word. */
export async function startUpstream({ redirectUri, appleKey }: UpstreamOptions): Promise<Upstream> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const jwk = { ...(await exportJWK(privateKey)), kid: "upstream-1", use: "sig", alg: "RS256" }
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map<string, Claims>()

  const client = (client_id: string) => ({
    client_id,
    client_secret: CLIENT_SECRET,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code" as const],
    token_endpoint_auth_method: "client_secret_post" as const,
  })
  const provider = new Provider(issuer, {
    clients: [client(CLIENT_ID), client(NATIVE_CLIENT_ID)],
    jwks: { keys: [jwk as never] },
    claims: { openid: ["sub"], email: ["email", "email_verified", "hd"], profile: ["name"], name: ["name"] },
    scopes: ["openid", "email", "profile", "name"],
    conformIdTokenClaims: false,
    cookies: { keys: ["upstream cookies"] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => people.get(sub) ?? { sub } }),
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? "",
        accountId: ctx.oidc.session?.accountId ?? "",
      })
      grant.addOIDCScope("openid email profile name")
      await grant.save()
      return grant
    },
  })
  provider.on("server_error", (_ctx, error) => console.error(error))
  const answer = provider.callback()

  const upstream: Upstream = {
    issuer,
    person: { sub: "nobody" },
    tokenRequests: [],
    revocations: [],
    appCodes: new Map(),
    isAway: false,
    idToken: ({ aud = NATIVE_CLIENT_ID, ...claims }, { header, key = privateKey, payload } = {}) =>
      new SignJWT(
        JSON.parse(
          JSON.stringify({ iss: issuer, aud, ...times(), jti: randomUUID(), ...claims, ...payload }),
        ),
      )
        .setProtectedHeader({ alg: "RS256", kid: "upstream-1", ...header })
        .sign(key),
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }

  const tokensOf = async (owner: Claims) => ({
    access_token: "a",
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: `r-${owner.sub}`,
    id_token: await upstream.idToken(owner),
  })

  server.on("request", async (req, res) => {
    if (upstream.isAway) return res.writeHead(503).end()
    if (req.url?.startsWith("/sign-in/")) {
      const { person } = upstream
      people.set(person.sub, person)
      const login = { accountId: person.sub }
      return provider.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false })
    }
    if (req.url === "/token") {
      const form = await formOf(req)
      upstream.tokenRequests.push({ ...form })
      if (appleKey) form.client_secret = (await isOfApple(form, appleKey, issuer)) ? CLIENT_SECRET : "wrong"
      const owner = form.client_secret === CLIENT_SECRET && upstream.appCodes.get(form.code ?? "")
      if (owner) return res.writeHead(200, JSON_TYPE).end(JSON.stringify(await tokensOf(owner)))
      Object.assign(req, { body: form })
    }
    if (req.url === "/token/revocation") {
      const form = await formOf(req)
      if (appleKey && !(await isOfApple(form, appleKey, issuer))) return res.writeHead(400).end()
      upstream.revocations.push({ ...form })
      Object.assign(req, { body: { ...form, client_secret: CLIENT_SECRET } })
    }
    return answer(req, res)
  })
  return upstream
}

const JSON_TYPE = { "Content-Type": "application/json" }

const times = () => {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now, exp: now + 600 }
}

async function formOf(req: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
}

export const APPLE = { team_id: "TEAM123456", key_id: "KEY1234567" }

/** As Apple has it: signed by the account's key, of its team, for this client, five minutes old at most. */
async function isOfApple(form: Record<string, string>, key: KeyObject, issuer: string): Promise<boolean> {
  const secret = form.client_secret ?? ""
  try {
    const { kid, alg } = decodeProtectedHeader(secret)
    const { payload } = await jwtVerify(secret, key, {
      issuer: APPLE.team_id,
      subject: form.client_id ?? "",
      audience: issuer,
    })
    return kid === APPLE.key_id && alg === "ES256" && Number(payload.exp) - Number(payload.iat) <= 15_777_000
  } catch {
    return false
  }
}
