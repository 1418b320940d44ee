import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { newEmail, register } from "../support/people.js"
import { authorization, exchangeCode, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { open, signIn } from "./support/flows.js"

// check 86, RFC 7636
describe("PKCE", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const errorOf = async (client: Client, params: Record<string, string>) => {
    const { location = "" } = await open(
      openBrowser(auth),
      authorization({ ...client, scope: "openid", ...params }),
    )
    const answer = new URL(location).searchParams
    assert.equal(answer.get("code"), null)
    return answer.get("error")
  }

  it("is needed from every client, also from those with a secret", async () => {
    for (const client of [CLIENTS.web, CLIENTS.basic, CLIENTS.native, CLIENTS.partner]) {
      const none = { code_challenge: "", code_challenge_method: "" }
      assert.equal(await errorOf(client, none), "invalid_request", client.clientId)
    }
  })

  it("is S256: neither `plain`, nor none, nor a challenge that is no hash", async () => {
    for (const params of [
      { code_challenge_method: "plain" },
      { code_challenge_method: "" },
      { code_challenge_method: "S512" },
      { code_challenge: "x".repeat(42) },
      { code_challenge: "x".repeat(129) },
      { code_challenge: `${"x".repeat(42)}!` },
    ]) {
      assert.equal(await errorOf(CLIENTS.basic, params), "invalid_request", JSON.stringify(params))
    }
  })

  it("wants the verifier of the challenge, in its own alphabet and length", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const hashed = (verifier: string) => createHash("sha256").update(verifier).digest("base64url")
    const wrong = [
      "",
      "x".repeat(43),
      ...["x".repeat(42), "x".repeat(129), `${"x".repeat(42)} `, `${"x".repeat(43)}é`].map(
        (odd) => `own:${odd}`,
      ),
    ]
    for (const verifier of wrong) {
      const own = verifier.startsWith("own:") ? { code_challenge: hashed(verifier.slice(4)) } : {}
      const request = authorization({ ...CLIENTS.basic, scope: "openid", ...own })
      const location = await signIn(browser, request, email)
      const { status, body } = await exchangeCode(
        auth,
        { ...request, verifier: verifier.replace("own:", "") },
        location,
      )
      assert.equal(status, 400, verifier)
      assert.ok(["invalid_grant", "invalid_request"].includes(body.error), body.error)
    }
  })
})
