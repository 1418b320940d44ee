import { guardPeer } from "./guard-peer.js"

export const jose = guardPeer({
  name: "jose",
  note: "6.2.17, `createRemoteJWKSet` and `jwtVerify` as its documentation shows them, behind the same Express.",
  packages: ["jose@6.2.17"],
  source: `
import { createRemoteJWKSet, jwtVerify } from "jose"

const keys = createRemoteJWKSet(new URL(jwksUri))
const guard = async (req, res, next) => {
  const token = req.headers.authorization?.slice("Bearer ".length) ?? ""
  try {
    await jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"] })
  } catch {
    return res.status(401).json({ error: "invalid_token" })
  }
  next()
}
`,
})
