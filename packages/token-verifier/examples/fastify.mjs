// node fastify.mjs <issuer> <audience> [jwks url]
import { assertScope, bearerToken, createVerifier, refusal, TokenError } from "@gatepost/token-verifier"
import Fastify from "fastify"

const [issuer, audience, jwksUrl] = process.argv.slice(2)
const verifier = createVerifier({ issuer, audience, jwksUrl })
const app = Fastify()

app.decorateRequest("caller", null)
app.addHook("onRequest", async (request) => {
  const { scope } = request.routeOptions.config
  request.caller = await verifier.verify(bearerToken(request.headers.authorization))
  if (scope) assertScope(request.caller, scope)
})

app.setErrorHandler((error, _request, reply) => {
  if (!(error instanceof TokenError)) return reply.send(error)
  const { status, headers, body } = refusal(error)
  return reply.code(status).headers(headers).send(body)
})

app.get("/", async ({ caller }) => ({ kind: caller.kind, subject: caller.claims.sub }))
app.post("/orders", { config: { scope: "orders:write" } }, async (_request, reply) => {
  return reply.code(201).send({ ordered: true })
})

console.log(await app.listen({ port: 0, host: "127.0.0.1" }))
