import { writeFileSync } from "node:fs"
import path from "node:path"
import { call } from "../call.js"
import { CONNECTIONS } from "../connections.js"
import { startNode } from "../processes/start-node.js"
import { installPackages } from "./install-packages.js"
import type { Peer } from "./peer.js"

// The adapter is the example of its documentation, one table of JSON, with named prepared statements.
const PROGRAM = `
import { generateKeyPairSync } from "node:crypto"
import { createServer } from "node:http"
import { Provider } from "oidc-provider"
import pg from "pg"

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
await pool.query(\`
  create table oidc_payloads (
    id text, type text, payload jsonb not null, grant_id text, user_code text, uid text,
    expires_at timestamptz, consumed_at timestamptz, primary key (id, type)
  );
  create index on oidc_payloads (grant_id);
  create index on oidc_payloads (user_code);
  create index on oidc_payloads (uid);
  create table accounts (id text primary key, email text not null, is_active boolean not null);
  insert into accounts values ('someone', 'someone@example.com', true);
\`)

const columns = "payload, consumed_at"
const live = "(expires_at is null or expires_at > now())"
const sql = {
  upsert: \`insert into oidc_payloads values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
    on conflict (id, type) do update set payload = excluded.payload, grant_id = excluded.grant_id,
      user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at\`,
  find: \`select \${columns} from oidc_payloads where id = $1 and type = $2 and \${live}\`,
  findByUid: \`select \${columns} from oidc_payloads where uid = $1 and type = $2 and \${live}\`,
  findByUserCode: \`select \${columns} from oidc_payloads where user_code = $1 and type = $2 and \${live}\`,
  consume: "update oidc_payloads set consumed_at = now() where id = $1 and type = $2",
  destroy: "delete from oidc_payloads where id = $1 and type = $2",
  revokeByGrantId: "delete from oidc_payloads where grant_id = $1",
  account: "select email from accounts where id = $1 and is_active",
}
const run = (name, ...values) => pool.query({ name, text: sql[name], values })

class Adapter {
  constructor(type) {
    this.type = type
  }
  async upsert(id, payload, expiresIn) {
    const { grantId, userCode, uid } = payload
    await run("upsert", id, this.type, payload, grantId, userCode, uid, expiresIn)
  }
  async one(name, value) {
    const [row] = (await run(name, value, this.type)).rows
    return row && { ...row.payload, ...(row.consumed_at && { consumed: true }) }
  }
  find = (id) => this.one("find", id)
  findByUid = (uid) => this.one("findByUid", uid)
  findByUserCode = (userCode) => this.one("findByUserCode", userCode)
  consume = (id) => run("consume", id, this.type)
  destroy = (id) => run("destroy", id, this.type)
  revokeByGrantId = (grantId) => run("revokeByGrantId", grantId)
}

const api = "https://api.example.com"
const scope = "account"
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const provider = new Provider("http://127.0.0.1", {
  adapter: Adapter,
  clients: [{
    client_id: "app",
    redirect_uris: ["http://127.0.0.1/callback"],
    application_type: "native",
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  }],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "bench" }] },
  cookies: { keys: ["a secret of the bench, long enough for it"] },
  scopes: ["offline_access", scope],
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope, audience: api, accessTokenFormat: "jwt", accessTokenTTL: 1800, jwt: { sign: { alg: "RS256" } },
      }),
      useGrantedResource: () => true,
    },
  },
  async findAccount(_ctx, accountId) {
    const [row] = (await run("account", accountId)).rows
    return row && { accountId, claims: () => ({ sub: accountId, email: row.email }) }
  },
  rotateRefreshToken: true,
  ttl: { AccessToken: 1800, Grant: 7_776_000, RefreshToken: 604_800 },
})

// What its authorization endpoint leaves behind when somebody has signed in and agreed.
async function startSession() {
  const client = await provider.Client.find("app")
  const grant = new provider.Grant({ accountId: "someone", clientId: "app" })
  grant.addOIDCScope("offline_access")
  grant.addResourceScope(api, scope)
  const token = new provider.RefreshToken({
    client,
    accountId: "someone",
    grantId: await grant.save(),
    gty: "authorization_code",
    scope: "offline_access " + scope,
    resource: api,
  })
  return token.save()
}

const answer = provider.callback()
const server = createServer(async (req, res) => {
  if (req.url !== "/session") return answer(req, res)
  res.setHeader("Content-Type", "application/json").end(JSON.stringify({ refresh_token: await startSession() }))
})
server.listen(0, "127.0.0.1", () => process.send({ type: "ready", port: server.address().port }))
process.on("disconnect", () => process.exit())
`

export const oidcProvider: Peer = {
  name: "oidc-provider",
  note:
    "9.13.3 on Node's own HTTP server, with a plain adapter over `pg` as its documentation shows it: one table of " +
    "JSON, prepared statements, nothing guarded. A public client, rotation, the account read by its key, RS256 " +
    "access tokens, no ID token.",

  install: (cacheDir) => installPackages(cacheDir, ["oidc-provider@9.13.3", "pg@8.23.1"]),

  async start({ cacheDir, createDatabase }) {
    const script = path.join(cacheDir, "server.mjs")
    writeFileSync(script, PROGRAM)
    const env = { DATABASE_URL: await createDatabase(), NODE_ENV: "production" }
    return startNode({ name: "oidc-provider", script, env })
  },

  scenarios: {
    refresh: async ({ url }) => {
      const sessions = await Promise.all(
        Array.from({ length: CONNECTIONS.refresh }, () => call(`${url}/session`)),
      )
      return {
        url: `${url}/token`,
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: "grant_type=refresh_token&client_id=app&refresh_token={token}",
        tokens: {
          kind: "chain",
          values: sessions.map(({ json }) => String(json.refresh_token)),
          member: "refresh_token",
        },
        expect: 200,
        contains: "access_token",
        connections: CONNECTIONS.refresh,
      }
    },
  },
}
