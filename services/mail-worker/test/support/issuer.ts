import { generateKeyPairSync, randomUUID, sign } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

export const PUBLIC_URL = "http://localhost:8000"

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "published", use: "sig", alg: "RS256" }

/** The auth service's place: its published keys, and tokens as DESIGN.md D5 has them. */
export async function startIssuer() {
  const server = createServer((_req, res) => {
    res.setHeader("Content-Type", "application/jwk-set+json").end(JSON.stringify({ keys: [jwk] }))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")

function signed(claims: object): string {
  const now = Math.floor(Date.now() / 1_000)
  const common = { iss: `${PUBLIC_URL}/oidc`, aud: PUBLIC_URL, iat: now, exp: now + 600, jti: randomUUID() }
  const input = `${encode({ alg: "RS256", typ: "at+jwt", kid: "published" })}.${encode({ ...common, ...claims })}`
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`
}

export const serviceToken = (scope = "mail:admin", client = "backend") =>
  signed({ sub: client, client_id: client, scope })

export function userToken(): string {
  const userId = randomUUID()
  return signed({
    sub: userId,
    client_id: "jobswipe",
    scope: "account mail:admin",
    sid: randomUUID(),
    user_id: userId,
    email: "person@example.com",
    email_verified: true,
    roles: [],
    auth_time: Math.floor(Date.now() / 1_000),
    amr: ["pwd"],
    acr: "aal1",
  })
}
