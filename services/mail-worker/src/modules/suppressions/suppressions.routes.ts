import { Message, Problem, route } from "@gatepost/http"
import type { SuppressionList as Suppressions } from "@gatepost/mail-queue"
import { byClient } from "../operators/index.js"
import {
  ListQuery,
  SuppressBody,
  SuppressionDetailsView,
  SuppressionList,
  SuppressionParams,
  SuppressionView,
  toSuppressionDetailsView,
  toSuppressionList,
  toSuppressionView,
} from "./suppressions.schemas.js"

export const suppressionsRoutes = (suppressions: Suppressions) => [
  route({
    method: "get",
    path: "/suppressions",
    summary: "List the addresses that get no mail",
    tag: "Suppressions",
    access: { service: "mail:admin" },
    limit: "none",
    query: ListQuery,
    success: { status: 200, body: SuppressionList },
    problems: [],
    handle: async ({ query }) => {
      const limit = Number(query.limit)
      return toSuppressionList(await suppressions.listSuppressions({ after: query.cursor, limit }), limit)
    },
  }),
  route({
    method: "get",
    path: "/suppressions/{address}",
    summary: "Show whether an address gets mail, and who decided what",
    tag: "Suppressions",
    access: { service: "mail:admin" },
    limit: "none",
    params: SuppressionParams,
    success: { status: 200, body: SuppressionDetailsView },
    problems: ["suppression.not-found"],
    handle: async ({ params: { address } }) => {
      const found = await suppressions.findSuppression(address)
      if (!found.current && found.history.length === 0) throw new Problem("suppression.not-found")
      return toSuppressionDetailsView(address, found)
    },
  }),
  route({
    method: "put",
    path: "/suppressions/{address}",
    summary: "Keep an address from getting mail, for good",
    tag: "Suppressions",
    access: { service: "mail:admin" },
    limit: "none",
    params: SuppressionParams,
    body: SuppressBody,
    success: { status: 200, body: SuppressionView },
    problems: [],
    handle: async ({ params, body, caller }) =>
      toSuppressionView(
        await suppressions.suppress(params.address, { by: byClient(caller), detail: body.detail }),
      ),
  }),
  route({
    method: "delete",
    path: "/suppressions/{address}",
    summary: "Let an address get mail again",
    tag: "Suppressions",
    access: { service: "mail:admin" },
    limit: "none",
    params: SuppressionParams,
    success: { status: 200, body: Message },
    problems: ["suppression.not-found"],
    handle: async ({ params, caller }) => {
      const done = await suppressions.unsuppress(params.address, byClient(caller))
      if (!done) throw new Problem("suppression.not-found")
      return { message: "The address gets mail again" }
    },
  }),
]
