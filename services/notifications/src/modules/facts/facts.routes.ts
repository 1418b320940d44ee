import { route, said } from "@gatepost/http"
import { LearnBody } from "./facts.schemas.js"
import type { FactsService } from "./facts.service.js"

export const factsRoutes = (facts: FactsService) => [
  route({
    method: "post",
    path: "/notifications/facts",
    summary: "Tell of accounts, apps, and what happened to them; the auth service does",
    tag: "Facts",
    access: { service: "facts:write" },
    limit: "none",
    body: LearnBody,
    success: { status: 200, body: said("Noted") },
    problems: [],
    handle: async ({ body }) => {
      await facts.learn(body.facts)
      return {}
    },
  }),
]
