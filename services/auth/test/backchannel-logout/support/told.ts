import assert from "node:assert/strict"
import { until } from "@gatepost/testkit"
import { createLocalJWKSet, type JWTPayload, jwtVerify } from "jose"
import { CLIENTS, setupProvider } from "../../oidc/support/apps.js"
import { type AuthProcess, type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { type Arrival, type Receiver, startReceiver } from "./receiver.js"

/** The apps that want to be told; of the others, `post` is one that does not. */
export const TOLD = ["web", "basic", "partner", "tv"]

export interface ToldBundle extends Bundle {
  receiver: Receiver
  /** Every row there is for these sessions, each with its outcome. */
  rows(): Promise<DeliveryRow[]>
  /** Waits until nothing is on its way. */
  settled(): Promise<DeliveryRow[]>
}

export interface DeliveryRow {
  id: string
  client_id: string
  account_id: string
  session_id: string
  tries: number
  refusals: number
  outcome: string | null
  last_answer: string | null
}

/** An auth service with a receiver that its apps are told at. */
export async function setupTold(env: Record<string, string> = {}): Promise<ToldBundle> {
  const receiver = await startReceiver()
  const members = TOLD.map((id) => [id, { backchannel_logout_uri: receiver.uriOf(id) }])
  const auth = await setupProvider({ EGRESS_ALLOW: "loopback", ...env }, Object.fromEntries(members))
  const rows = () =>
    auth.db.query<DeliveryRow>("select * from auth.backchannel_logouts order by created_at, client_id")

  return {
    ...auth,
    receiver,
    rows,
    async settled() {
      await until("nothing is on its way", async () => (await rows()).every(({ outcome }) => outcome))
      return rows()
    },
    async stop() {
      await auth.stop()
      await receiver.stop()
    },
  }
}

/** Checks a logout token as Back-Channel Logout section 2.6 has it, by a library that knows nothing of us. */
export async function verified(auth: AuthProcess, { clientId, form }: Arrival): Promise<JWTPayload> {
  const { body: keys } = await auth.http.get("/.well-known/jwks.json").expect(200)
  const { payload, protectedHeader } = await jwtVerify(
    form.get("logout_token") ?? "",
    createLocalJWKSet(keys),
    {
      issuer: `${PUBLIC_URL}/oidc`,
      audience: clientId,
      typ: "logout+jwt",
      algorithms: ["RS256"],
      requiredClaims: ["iat", "exp", "jti", "sub", "sid"],
      maxTokenAge: "2 minutes",
      clockTolerance: 1,
    },
  )
  assert.equal(protectedHeader.alg, "RS256")
  assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} })
  assert.ok(!("nonce" in payload))
  return payload
}

export const { web, basic, post, partner, tv } = CLIENTS
