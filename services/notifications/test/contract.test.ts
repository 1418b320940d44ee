import { randomUUID } from "node:crypto"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { routes } from "#src/routes.js"
import { type Bundle, keepTemplate, send, setup } from "./support/setup.js"
import { serviceToken, userToken } from "./support/signer.js"

// Handlers are not called through these, so they need nothing to work with.
describeContract({ name: "the notifications API", routes: routes({} as Parameters<typeof routes>[0]), start })

const userId = randomUUID()

async function start(): Promise<ContractTarget> {
  const notifications = await setup()
  const { url, db, stop } = notifications
  return {
    url,
    db,
    stop,
    token: async (kind) =>
      kind === "user" ? userToken(userId) : serviceToken("backend", "notifications:write facts:write"),
    good: async (route) => (await goodInput[route]?.(notifications)) ?? {},
  }
}

const message = {
  user_id: userId,
  title: "Hello",
  body: "You have a match",
  category: "match",
  data: { a: 1 },
}

const everyone = { title: "Hello", body: "News for all", link: "https://example.com/news" }

const some = async (notifications: Bundle): Promise<GoodInput> => {
  const { body } = await send(notifications, message).expect(201)
  return { params: { id: body.id } }
}

const goodInput: Record<string, (notifications: Bundle) => Promise<GoodInput>> = {
  "post /notifications": async () => ({ body: message }),
  "get /notifications": async () => ({ query: { limit: "5" } }),
  "post /notifications/{id}/read": some,
  "post /notifications/{id}/unread": some,
  "post /notifications/{id}/seen": some,
  "post /notifications/{id}/archive": some,
  "post /notifications/{id}/unarchive": some,
  "post /notifications/{id}/snooze": async (notifications) => ({
    ...(await some(notifications)),
    body: { until: new Date(Date.now() + 3_600_000).toISOString() },
  }),
  "post /notifications/{id}/delete": some,
  "post /notifications/batch": async () => {
    const { user_id, ...rest } = message
    return { body: { user_ids: [user_id], ...rest } }
  },
  "post /notifications/broadcasts": async () => ({ body: everyone }),
  "put /notifications/templates/{name}": async () => ({
    params: { name: "greeting" },
    body: { title: "Hello {{name}}", body: "Welcome" },
  }),
  "patch /notifications/preferences": async () => ({
    body: {
      time_zone: "Europe/Berlin",
      quiet_hours: { from: "22:00", until: "07:00" },
      digest: { every: "day", at: "08:00" },
      categories: { match: { email: "instant", push: "off" } },
    },
  }),
  "put /notifications/devices": async () => ({ body: { kind: "fcm", token: randomUUID(), name: "Phone" } }),
  "delete /notifications/devices/{id}": async ({ http }) => {
    const { body } = await http
      .put("/v1/notifications/devices")
      .set("Authorization", `Bearer ${userToken(userId)}`)
      .send({ kind: "fcm", token: randomUUID() })
      .expect(200)
    return { params: { id: body.id } }
  },
  "post /notifications/facts": async () => ({
    body: { facts: [{ kind: "account-deleted", version: 1, user_id: randomUUID() }] },
  }),
  "delete /notifications/templates/{name}": async (notifications) => {
    const params = { name: "greeting" }
    await keepTemplate(notifications, params.name, { title: "Hello", body: "Welcome" }).expect(200)
    return { params }
  },
}
