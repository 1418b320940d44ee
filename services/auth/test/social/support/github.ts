import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { CLIENT_ID, CLIENT_SECRET } from "./upstream.js"

export interface GitHubUser {
  id: number
  login: string
  name: string | null
  emails: { email: string; primary: boolean; verified: boolean }[]
}

export interface GitHub {
  issuer: string
  user: GitHubUser
  stop(): Promise<void>
}

/** GitHub's OAuth and the two calls of its API, as far as a sign-in needs them: errors come with 200, as there. */
export async function startGitHub(redirectUri: string): Promise<GitHub> {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const codes = new Map<string, { challenge: string; user: GitHubUser }>()
  const tokens = new Map<string, GitHubUser>()
  const github: GitHub = {
    issuer,
    user: { id: 1, login: "octocat", name: null, emails: [] },
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }

  server.on("request", async (req, res) => {
    const url = new URL(req.url ?? "", issuer)
    const json = (body: unknown, status = 200) =>
      res.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body))
    if (url.pathname === "/login/oauth/authorize") {
      const asked = Object.fromEntries(url.searchParams)
      if (asked.client_id !== CLIENT_ID || asked.redirect_uri !== redirectUri) return json({}, 404)
      const code = randomBytes(10).toString("hex")
      codes.set(code, { challenge: asked.code_challenge ?? "", user: github.user })
      const back = new URLSearchParams({ code, state: asked.state ?? "" })
      return res.writeHead(302, { Location: `${redirectUri}?${back}` }).end()
    }
    if (url.pathname === "/login/oauth/access_token") {
      const form = await formOf(req)
      const known = codes.get(form.code ?? "")
      codes.delete(form.code ?? "")
      const challenge = createHash("sha256")
        .update(form.code_verifier ?? "")
        .digest("base64url")
      const isRight =
        known?.challenge === challenge && form.client_id === CLIENT_ID && form.client_secret === CLIENT_SECRET
      if (!known || !isRight) return json({ error: "bad_verification_code" })
      const access_token = `gho_${randomBytes(10).toString("hex")}`
      tokens.set(access_token, known.user)
      return json({ access_token, token_type: "bearer", scope: "read:user,user:email" })
    }
    const user = tokens.get(req.headers.authorization?.replace("Bearer ", "") ?? "")
    if (!user) return json({ message: "Bad credentials" }, 401)
    const { emails, ...profile } = user
    return json(url.pathname === "/user/emails" ? emails : profile)
  })
  return github
}

async function formOf(req: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
}
