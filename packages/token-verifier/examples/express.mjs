// node express.mjs <issuer> <audience> [jwks url]
import { createVerifier, requireAuth } from "@gatepost/token-verifier"
import express from "express"

const [issuer, audience, jwksUrl] = process.argv.slice(2)
const verifier = createVerifier({ issuer, audience, jwksUrl })
const app = express()

app.get("/readyz", async (_request, response) => {
  response.sendStatus((await verifier.ready()) ? 200 : 503)
})

app.get("/", requireAuth({ verifier }), (request, response) => {
  const { kind, claims } = request.caller
  response.json({ kind, subject: claims.sub })
})

app.post("/orders", requireAuth({ verifier, scope: "orders:write" }), (_request, response) => {
  response.status(201).json({ ordered: true })
})

const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`))
