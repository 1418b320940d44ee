import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { newId, randomToken, sha256 } from "@gatepost/runtime"
import { until } from "@gatepost/testkit"
import { startChild } from "../support/child.js"
import { logIn } from "../support/people.js"
import { PUBLIC_URL, SECRETS } from "../support/setup.js"
import { type AdminBundle, bearer, claimsOf, person, setupWithAdminPort, staff } from "./support/admins.js"

// What each may do, by hand: the product's own tables are what is tested.
const OWN = ["account", "notifications:read"]
const SUPPORT = [...OWN, "users:read", "users:write"]
const ADMIN = [...SUPPORT, "roles:write", "clients:write", "webhooks:write"]
const KEYS = [
  "notifications:write",
  "revocations:read",
  "audit:read",
  "mail:admin",
  "users:read",
  "users:write",
  "events:read",
  "api-keys:verify",
]
const TOKEN_CODES = ["token.missing", "token.invalid", "token.scope-missing"]

interface Operation {
  method: string
  path: string
  security: Record<string, string[]>[] | undefined
  hasBody: boolean
}

interface Actor {
  name: string
  kind: "nobody" | "suspended" | "user" | "service"
  scopes: string[]
  token(): Promise<string | undefined>
}

const operationsOf = (document: string): Operation[] => {
  const file = fileURLToPath(new URL(`../../../${document}`, import.meta.url))
  type Documented = Pick<Operation, "security"> & { requestBody?: object }
  const paths: Record<string, Record<string, Documented>> = JSON.parse(readFileSync(file, "utf8")).paths
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, requestBody }]) => ({
      method,
      path,
      security,
      hasBody: requestBody !== undefined,
    })),
  )
}

const services = {
  public: operationsOf("auth/openapi.json"),
  admin: operationsOf("auth/admin/openapi.json"),
  notifications: operationsOf("notifications/openapi.json"),
}

/** How a call has to end, as far as it is about who calls: nothing for those who may. */
function refusalOf({ security = [] }: Operation, { kind, scopes }: Actor): [number, string] | undefined {
  if (security.length === 0) return undefined
  if (kind === "nobody") return [401, "token.missing"]
  if (kind === "suspended") return [401, "token.invalid"]
  const scheme = kind === "user" ? "accessToken" : "service"
  const isAllowed = security.some((entry) => entry[scheme]?.every((scope) => scopes.includes(scope)))
  return isAllowed ? undefined : [403, "token.scope-missing"]
}

// check 108
describe("who may call what", () => {
  let auth: AdminBundle
  let stopNotifications: () => Promise<unknown>
  let urls: Record<keyof typeof services, string>
  const actors: Actor[] = []
  /** Of those who are signed in. */
  const tokens: Record<string, string | undefined> = {}

  before(async () => {
    auth = await setupWithAdminPort()
    const notifications = await startChild(
      {
        PORT: "0",
        PUBLIC_URL,
        JWKS_URL: `${auth.url}/.well-known/jwks.json`,
        DATABASE_URL: auth.db.urlOf("gatepost_notifications"),
        IDEMPOTENCY_SECRET: SECRETS.IDEMPOTENCY_SECRET,
        SERVICE_CLIENT_SECRET: SECRETS.SERVICE_CLIENT_SECRET,
        SHUTDOWN_DRAIN_SECONDS: "0",
      },
      fileURLToPath(new URL("../../../notifications/dist/main.js", import.meta.url)),
    )
    stopNotifications = () => {
      notifications.child.kill()
      return notifications.exited
    }
    urls = { public: auth.url, admin: auth.adminUrl, notifications: notifications.url }
    await addActors()
  })
  after(async () => {
    await stopNotifications()
    await auth.stop()
  })

  async function addActors(): Promise<void> {
    const [user, unverified] = [await person(auth), await person(auth, { verified: false })]
    const [support, admin, suspended] = [await staff(auth, "support"), await staff(auth), await staff(auth)]
    const feed = () =>
      call(services.notifications[0] as Operation, urls.notifications, suspended.access_token)
    await auth.admin
      .post(`/v1/admin/users/${suspended.id}/suspend`)
      .set(...bearer(admin))
      .send({})
      .expect(200)
    await until("the feed tells of the suspension", async () => (await feed()).status === 401)

    const signedIn = (name: string, { email }: { email: string }, scopes: string[]): Actor => ({
      name,
      kind: "user",
      scopes,
      token: async () => {
        tokens[name] ??= (await logIn(auth, email).expect(200)).body.access_token
        return tokens[name]
      },
    })
    actors.push(
      { name: "nobody", kind: "nobody", scopes: [], token: async () => undefined },
      {
        name: "somebody suspended",
        kind: "suspended",
        scopes: [],
        token: async () => suspended.access_token,
      },
      signedIn("a user", user, OWN),
      signedIn("a user with an unverified address", unverified, OWN),
      signedIn("support", support, SUPPORT),
      signedIn("an admin", admin, ADMIN),
    )
    for (const scope of KEYS) {
      const key = await newKey(scope)
      actors.push({ name: `a key for ${scope}`, kind: "service", scopes: [scope], token: async () => key })
    }
  }

  /** An operator's, as the command makes them. */
  async function newKey(scope: string): Promise<string> {
    const [id, secret] = [sha256(randomToken()).toString("hex").slice(0, 16), randomToken()]
    await auth.db.query(
      `insert into auth.api_keys (id, name, scopes, secret_hash, expires_at)
       values (:id, 'a key', :scopes, :hash, now() + interval '1 day')`,
      { id, scopes: [scope], hash: sha256(secret) },
    )
    return `gp_test_${id}_${secret}`
  }

  async function call(
    { method, path, hasBody }: Operation,
    url: string,
    token: string | undefined,
    ids: string = newId(),
  ) {
    const answer = await fetch(url + path.replaceAll(/\{\w+\}/g, ids), {
      method: method.toUpperCase(),
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(hasBody && { "Content-Type": "application/json" }),
      },
      // Nothing that could be done: whether one may is told before.
      ...(hasBody && { body: "[]" }),
    })
    return { status: answer.status, code: ((await answer.json()) as { code?: string }).code ?? "" }
  }

  async function check(operation: Operation, url: string, actor: Actor): Promise<void> {
    const about = `${actor.name} at ${operation.method} ${operation.path}`
    const { status, code } = await call(operation, url, await actor.token())
    const refusal = refusalOf(operation, actor)
    // What was done may have ended the session.
    if (status < 300 && operation.method !== "get") tokens[actor.name] = undefined
    assert.ok(status < 500, `${about}: ${status}`)
    if (refusal) assert.deepEqual([status, code], refusal, about)
    else assert.ok(!TOKEN_CODES.includes(code), `${about}: ${status} ${code}`)
  }

  for (const [name, operations] of Object.entries(services) as [keyof typeof services, Operation[]][]) {
    it(`is as the OpenAPI document says at each route: ${name}`, async function () {
      this.timeout(60_000)
      for (const operation of operations) {
        assert.ok(operation.security, `${operation.method} ${operation.path} has no rule`)
        await Promise.all(actors.map((actor) => check(operation, urls[name], actor)))
      }
    })
  }

  // check 109
  it("never reaches what is somebody else's", async () => {
    const [owner, other] = [await staff(auth), await staff(auth)]
    const made = { name: "mine", scopes: ["users:read"] }
    const key = (
      await auth.http
        .post("/v1/api-keys")
        .set(...bearer(owner))
        .send(made)
        .expect(201)
    ).body
    const notification = await fetch(`${urls.notifications}/v1/notifications`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await newKey("notifications:write")}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ user_id: owner.id, title: "For you", body: "Alone" }),
    }).then((answer) => answer.json() as Promise<{ id: string }>)
    const mine: Record<string, string> = {
      sessions: claimsOf(owner.access_token).sid,
      "api-keys": key.id,
      notifications: notification.id,
    }

    const ofUsers = (["public", "notifications"] as const).flatMap((name) =>
      services[name]
        .filter(
          ({ path, security }) => path.includes("{") && security?.some(({ accessToken }) => accessToken),
        )
        .map((operation) => ({ operation, url: urls[name] })),
    )
    assert.ok(ofUsers.length >= 4)
    for (const { operation, url } of ofUsers) {
      const kind = operation.path.split("/").find((part) => part in mine)
      const { status } = await call(operation, url, other.access_token, kind && mine[kind])
      assert.ok(status === 404 || status === 400, `${operation.method} ${operation.path}: ${status}`)
    }
    await auth.http
      .get("/v1/auth/me")
      .set(...bearer(owner))
      .expect(200)
    assert.equal((await auth.http.get("/v1/api-keys").set(...bearer(owner))).body.items.length, 1)
  })
})
