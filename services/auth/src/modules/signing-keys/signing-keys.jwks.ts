import { createHash } from "node:crypto"
import type { RequestHandler } from "express"
import type { SigningKeys } from "./signing-keys.service.js"

const MAX_AGE_SECONDS = 300

/** `GET /.well-known/jwks.json` (RFC 7517): public members only; cacheable, with an ETag (check 71). */
export function jwksDocument(keys: SigningKeys): RequestHandler {
  return (req, res) => {
    const body = JSON.stringify({ keys: keys.list().map(({ publicJwk }) => publicJwk) })
    const etag = `"${createHash("sha256").update(body).digest("base64url")}"`
    res.set({
      "Cache-Control": `public, max-age=${MAX_AGE_SECONDS}`,
      "Access-Control-Allow-Origin": "*",
      ETag: etag,
    })
    if (req.headers["if-none-match"] === etag) return void res.status(304).end()
    res.type("application/jwk-set+json").send(body)
  }
}
