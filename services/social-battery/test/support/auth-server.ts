import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair, SignJWT } from "jose"

export const PUBLIC_URL = "http://localhost:8000"

const { privateKey, publicKey } = await generateKeyPair("RS256")
const JWK = { ...(await exportJWK(publicKey)), kid: "published", use: "sig", alg: "RS256" }

/** What the auth service publishes, on a server of its own. */
export async function startKeyServer() {
  const running = {
    url: "",
    /** Whether it answers with its keys, or 503. */
    isUp: true,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  const server = createServer((_req, res) => {
    if (running.isUp) res.end(JSON.stringify({ keys: [JWK] }))
    else res.writeHead(503).end()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  running.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`
  return running
}

/** A token as the auth service signs it; a member that is undefined is left out. */
function sign(claims: object, typ = "at+jwt"): Promise<string> {
  const common = { aud: PUBLIC_URL, jti: randomUUID(), client_id: "introgy" }
  return new SignJWT({ ...common, ...claims })
    .setProtectedHeader({ alg: "RS256", typ, kid: JWK.kid })
    .setIssuer(`${PUBLIC_URL}/oidc`)
    .setIssuedAt()
    .setExpirationTime("30 minutes")
    .sign(privateKey)
}

export const userToken = (userId: string, claims: object = {}, typ?: string) =>
  sign(
    {
      sub: userId,
      user_id: userId,
      sid: randomUUID(),
      scope: "account notifications:read",
      email: "person@example.com",
      ...claims,
    },
    typ,
  )

export const serviceToken = (scope = "notifications:write") =>
  sign({ sub: "backend", client_id: "backend", scope })
