import { generateKeyPairSync, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { newId } from "@gatepost/runtime"
import jwt from "jsonwebtoken"

/** Stands for the auth service where only its tokens and its key set are needed. */
export interface KeyServer {
  issuer: string
  audience: string
  jwksUrl: string
  /** An access token as the auth service makes them (DESIGN.md D5), each another one; good for an hour. */
  issueToken(userId?: string): string
  /** One of a backend that may send notifications. */
  issueServiceToken(): string
  stop(): Promise<void>
}

const KID = "bench"
const TTL_SECONDS = 3_600

export async function startKeyServer(): Promise<KeyServer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: KID, use: "sig", alg: "RS256" }
  const keySet = JSON.stringify({ keys: [jwk] })
  const server = createServer((_req, res) => {
    res.setHeader("Content-Type", "application/json").end(keySet)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")

  const sign = (claims: object) =>
    jwt.sign(claims, privateKey, { algorithm: "RS256", header: { alg: "RS256", typ: "at+jwt", kid: KID } })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/oidc`
  return {
    issuer,
    audience: origin,
    jwksUrl: `${origin}/.well-known/jwks.json`,
    issueToken: (userId) => sign(claimsOf(issuer, origin, userId)),
    issueServiceToken: () => sign(serviceClaimsOf(issuer, origin)),
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function serviceClaimsOf(iss: string, aud: string) {
  const iat = Math.floor(Date.now() / 1000)
  const [sub, scope] = ["backend", "notifications:write"]
  return { iss, sub, aud, iat, exp: iat + TTL_SECONDS, jti: newId(), client_id: sub, scope }
}

function claimsOf(iss: string, aud: string, sub: string = randomUUID()) {
  const iat = Math.floor(Date.now() / 1000)
  return {
    ...{ iss, sub, aud, iat, exp: iat + TTL_SECONDS, jti: newId(), client_id: "jobswipe" },
    ...{ scope: "account notifications:read", sid: newId(), user_id: sub, auth_time: iat },
    ...{ email: "someone@example.com", email_verified: true, roles: [], amr: ["pwd"], acr: "aal1" },
  }
}
