// A protected route as the documentation of jsonwebtoken and jwks-rsa shows it.
// Arguments: issuer, audience, URL of the key set.
import type { RequestHandler } from "express"
import jwt from "jsonwebtoken"
import jwksRsa from "jwks-rsa"
import { bareExpress, listen } from "./listen.js"

const [issuer = "", audience = "", jwksUri = ""] = process.argv.slice(2)
const keys = jwksRsa({ jwksUri, cache: true, rateLimit: true })

const getKey: jwt.GetPublicKeyOrSecret = ({ kid }, done) => {
  keys.getSigningKey(kid, (cause, key) => done(cause, key?.getPublicKey()))
}

const authenticate: RequestHandler = (req, res, next) => {
  const token = req.headers.authorization?.slice("Bearer ".length) ?? ""
  jwt.verify(token, getKey, { algorithms: ["RS256"], issuer, audience }, (cause) => {
    if (cause) res.status(401).json({ error: "invalid_token" })
    else next()
  })
}

await listen(bareExpress().get("/", authenticate, (_req, res) => void res.json({ hello: "world" })))
