// node plain-http.mjs <issuer> <audience> [jwks url]
import { createServer } from "node:http"
import { bearerToken, createVerifier, refusal, TokenError } from "@gatepost/token-verifier"

const [issuer, audience, jwksUrl] = process.argv.slice(2)
const verifier = createVerifier({ issuer, audience, jwksUrl })

const server = createServer(async (request, response) => {
  try {
    const caller = await verifier.verify(bearerToken(request.headers.authorization))
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ kind: caller.kind, subject: caller.claims.sub }))
  } catch (error) {
    if (!(error instanceof TokenError)) return response.writeHead(500).end()
    const { status, headers, body } = refusal(error)
    response.writeHead(status, headers).end(body)
  }
})

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`))
