import { newId } from "@gatepost/runtime"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { type AdminRouteParts, adminRoutes } from "#src/admin-routes.js"
import { logIn } from "../support/people.js"
import { serviceToken } from "../support/service-client.js"
import { type AdminBundle, bearer, claimsOf, person, setupWithAdminPort, staff } from "./support/admins.js"

// Handlers are not called through these, so they need nothing to work with.
describeContract({
  name: "the admin port",
  routes: adminRoutes({} as AdminRouteParts),
  start,
})

async function start(): Promise<ContractTarget> {
  const auth = await setupWithAdminPort({ EGRESS_ALLOW: "loopback" })
  const admin = await staff(auth)
  return {
    url: auth.adminUrl,
    dialects: ["/v1"],
    db: auth.db,
    stop: auth.stop,
    token: async (kind) =>
      kind === "service"
        ? serviceToken(auth)
        : (await logIn(auth, admin.email).expect(200)).body.access_token,
    good: async (route) => (await goodInput[route]?.(auth, admin)) ?? {},
  }
}

type Admin = Awaited<ReturnType<typeof staff>>

const someone = async (auth: AdminBundle) => ({ params: { id: (await person(auth)).id } })

const made = async (auth: AdminBundle, admin: Admin, path: string, body: object) =>
  (
    await auth.admin
      .post(`/v1/admin/${path}`)
      .set(...bearer(admin))
      .send(body)
      .expect(201)
  ).body

const newClient = () => ({
  client_id: `c-${newId()}`,
  client_name: "A client",
  scopes: ["users:read"],
  token_endpoint_auth_method: "client_secret_basic",
})

const newWebhook = { url: "http://127.0.0.1:9/", event_types: ["user.created"] }

async function withRole(auth: AdminBundle): Promise<GoodInput> {
  const { id } = await staff(auth, "support")
  return { params: { id, role: "support" } }
}

/** Far from how many there may be. */
async function goodWebhook(auth: AdminBundle) {
  await auth.db.query(
    "delete from auth.webhooks where id in (select id from auth.webhooks order by created_at desc offset 20)",
  )
  return newWebhook
}

const webhookId = async (auth: AdminBundle, admin: Admin) => ({
  id: (await made(auth, admin, "webhooks", await goodWebhook(auth))).id,
})

const goodInput: Record<string, (auth: AdminBundle, admin: Admin) => Promise<GoodInput>> = {
  "get /admin/users": async () => ({ query: { limit: "2" } }),
  "get /admin/users/{id}": someone,
  "post /admin/users/{id}/suspend": async (auth) => ({ ...(await someone(auth)), body: { reason: "spam" } }),
  "post /admin/users/{id}/unsuspend": someone,
  "post /admin/users/{id}/password-reset": someone,
  "get /admin/users/{id}/sessions": someone,
  "delete /admin/users/{id}/sessions/{session_id}": async (auth) => {
    const { id, access_token } = await person(auth)
    return { params: { id, session_id: claimsOf(access_token).sid } }
  },
  "delete /admin/users/{id}/sessions": someone,
  "get /admin/users/{id}/roles": someone,
  "post /admin/users/{id}/roles": async (auth) => ({ ...(await someone(auth)), body: { role: "support" } }),
  "delete /admin/users/{id}/roles/{role}": withRole,
  "post /admin/clients": async () => ({ body: newClient() }),
  "post /admin/clients/{client_id}/rotate": async (auth, admin) => {
    const { client_id } = await made(auth, admin, "clients", newClient())
    return { params: { client_id }, body: { overlap_seconds: 60 } }
  },
  "delete /admin/clients/{client_id}": async (auth, admin) => {
    const { client_id } = await made(auth, admin, "clients", newClient())
    return { params: { client_id } }
  },
  "post /admin/webhooks": async (auth) => ({ body: await goodWebhook(auth) }),
  "post /admin/webhooks/{id}/rotate": async (auth, admin) => ({
    params: await webhookId(auth, admin),
    body: { overlap_seconds: 60 },
  }),
  "post /admin/webhooks/{id}/enable": async (auth, admin) => ({ params: await webhookId(auth, admin) }),
  "post /admin/webhooks/{id}/replay": async (auth, admin) => ({
    params: await webhookId(auth, admin),
    body: { after: "0" },
  }),
  "delete /admin/webhooks/{id}": async (auth, admin) => ({ params: await webhookId(auth, admin) }),
}
