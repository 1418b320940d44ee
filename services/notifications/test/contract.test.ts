import { randomUUID } from "node:crypto"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { routes } from "#src/routes.js"
import { type Bundle, send, setup } from "./support/setup.js"
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
    token: async (kind) => (kind === "user" ? userToken(userId) : serviceToken()),
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

const goodInput: Record<string, (notifications: Bundle) => Promise<GoodInput>> = {
  "post /notifications": async () => ({ body: message }),
  "get /notifications": async () => ({ query: { limit: "5" } }),
  "post /notifications/{id}/read": async (notifications) => {
    const { body } = await send(notifications, message).expect(201)
    return { params: { id: body.id } }
  },
}
