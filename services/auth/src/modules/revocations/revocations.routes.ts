import { route } from "@gatepost/http"
import { ListQuery, RevocationList, toRevocationView } from "./revocations.schemas.js"
import type { RevocationsService } from "./revocations.service.js"

export const revocationsRoutes = (revocations: RevocationsService) => [
  route({
    method: "get",
    path: "/revocations",
    summary: "List revoked sessions; with `Accept: text/event-stream`, follow them as they are revoked",
    tag: "Revocations",
    access: { service: "revocations:read" },
    limit: "none",
    query: ListQuery,
    success: { status: 200, body: RevocationList },
    problems: [],
    handle: async ({ query }) => {
      const { items, position, isLast } = await revocations.list(Number(query.after), Number(query.limit))
      return { items: items.map(toRevocationView), next_cursor: isLast ? null : String(position) }
    },
  }),
]
