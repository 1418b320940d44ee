import { type ContractRoute, type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { ActivityQuery, BatteryParams, RecordBody } from "#src/modules/battery/index.js"
import { serviceToken, userToken } from "./support/auth-server.js"
import { setup } from "./support/setup.js"

const common = { access: { user: "account" }, limit: "none", params: BatteryParams }
const routes: ContractRoute[] = [
  { ...common, method: "get", path: "/social-battery/{user_id}", success: { status: 200 } },
  {
    ...common,
    method: "post",
    path: "/social-battery/{user_id}/record",
    body: RecordBody,
    success: { status: 201 },
  },
  {
    ...common,
    method: "get",
    path: "/social-battery/{user_id}/activity",
    query: ActivityQuery,
    success: { status: 200 },
  },
]

// The house's own suite, for a service that shares no code with the others.
describeContract({ name: "the social battery", routes, start })

const params = { user_id: "0198c1a2-0000-7000-8000-000000000001" }
const body = { interaction_type: "party", energy_change: -20, note: "loud" }
const goodInput: Record<string, GoodInput> = {
  "get /social-battery/{user_id}": { params },
  "post /social-battery/{user_id}/record": { params, body },
  "get /social-battery/{user_id}/activity": { params, query: { limit: "5" } },
}

async function start(): Promise<ContractTarget> {
  const { url, db, stop } = await setup()
  return {
    url,
    db,
    stop,
    dialects: [""],
    token: (kind) => (kind === "user" ? userToken(params.user_id) : serviceToken()),
    good: async (route) => goodInput[route] ?? {},
  }
}
