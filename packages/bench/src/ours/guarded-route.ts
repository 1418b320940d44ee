// A protected route of a resource server that uses our verifier. Arguments: issuer, audience, URL of the key set.
import { createVerifier, requireAuth } from "@gatepost/token-verifier"
import { bareExpress, listen } from "../floors/listen.js"

const [issuer = "", audience = "", jwksUrl = ""] = process.argv.slice(2)
const verifier = createVerifier({ issuer, audience, jwksUrl })

await listen(
  bareExpress().get("/", requireAuth({ verifier }), (_req, res) => void res.json({ hello: "world" })),
)
