// A resource server that follows the auth service's revocations. Arguments: issuer, audience, URL of the auth
// service, secret of the client `backend`.
import { setTimeout as sleep } from "node:timers/promises"
import { createVerifier, requireAuth } from "@gatepost/token-verifier"
import { bareExpress, listen } from "../floors/listen.js"

const [issuer = "", audience = "", authUrl = "", clientSecret = ""] = process.argv.slice(2)
const POLL_MS = 20

const verifier = createVerifier({
  issuer,
  audience,
  jwksUrl: `${authUrl}/.well-known/jwks.json`,
  revocation: {
    ...{ clientId: "backend", clientSecret },
    ...{ tokenUrl: `${authUrl}/oidc/token`, feedUrl: `${authUrl}/v1/revocations` },
    // Ready is then who has heard the feed.
    whenStale: "closed",
  },
})
while (!(await verifier.ready())) await sleep(POLL_MS)

await listen(
  bareExpress().get("/", requireAuth({ verifier }), (_req, res) => void res.json({ hello: "world" })),
)
