import { createPostOffice, type PostOffice } from "@gatepost/mail-queue"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { routes } from "#src/routes.js"
import { type AdminDesk, adminDesk } from "../support/admin-desk.js"
import { serviceToken, userToken } from "../support/issuer.js"

// Handlers are not called through these, so they need nothing to work with.
describeContract({ name: "the mail worker's admin API", routes: routes({} as PostOffice), start })

async function start(): Promise<ContractTarget> {
  const desk = await adminDesk()
  const { url, db, stop } = desk
  return {
    url,
    db,
    stop,
    token: async (kind) => (kind === "user" ? userToken() : serviceToken()),
    good: async (route) => (await goodInput[route]?.(desk)) ?? {},
  }
}

const address = "eve@example.com"

const suppressed = async ({ database }: AdminDesk) => {
  await createPostOffice(database).suppress(address, { by: "a test" })
  return { params: { address } }
}

const goodInput: Record<string, (desk: AdminDesk) => Promise<GoodInput>> = {
  "get /mails": async () => ({ query: { limit: "5", state: "queued" } }),
  "get /mails/{id}": async (desk) => ({ params: { id: await desk.enqueue() } }),
  "post /mails/{id}/retry": async (desk) => ({ params: { id: await desk.failed() } }),
  "post /mails/{id}/close": async (desk) => ({ params: { id: await desk.uncertain() } }),
  "get /suppressions": async () => ({ query: { limit: "5" } }),
  "get /suppressions/{address}": suppressed,
  "put /suppressions/{address}": async () => ({ params: { address }, body: { detail: "asked for it" } }),
  "delete /suppressions/{address}": suppressed,
}
