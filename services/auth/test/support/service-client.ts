import assert from "node:assert/strict"
import { type AuthProcess, SECRETS } from "./setup.js"

export const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`

/** The service client `backend` at the token endpoint, as RFC 6749 section 4.4 has it. */
export const askForToken = (
  { http }: AuthProcess,
  form: Record<string, string> = { grant_type: "client_credentials", scope: "notifications:write" },
  authorization = basic("backend", SECRETS.SERVICE_CLIENT_SECRET),
) => http.post("/oidc/token").set("Authorization", authorization).type("form").send(form)

/** With every scope that the client may have. */
export async function serviceToken(auth: AuthProcess): Promise<string> {
  const scope = "notifications:write revocations:read audit:read"
  const answer = await askForToken(auth, { grant_type: "client_credentials", scope })
  assert.equal(answer.status, 200, answer.text)
  return answer.body.access_token
}
