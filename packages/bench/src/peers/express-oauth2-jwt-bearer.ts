import { guardPeer } from "./guard-peer.js"

export const expressOauth2JwtBearer = guardPeer({
  name: "express-oauth2-jwt-bearer",
  note: "1.10.0 with its defaults, and the URL of the key set instead of discovery.",
  packages: ["express-oauth2-jwt-bearer@1.10.0"],
  source: `
import { auth } from "express-oauth2-jwt-bearer"

const guard = auth({ issuer, audience, jwksUri, tokenSigningAlg: "RS256" })
`,
})
