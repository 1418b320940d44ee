import { route, said } from "@gatepost/http"
import {
  TemplateBody,
  TemplateList,
  TemplateParams,
  TemplateView,
  toTemplateView,
} from "./templates.schemas.js"
import type { TemplatesService } from "./templates.service.js"

const senders = { tag: "Sending", access: { service: "notifications:write" }, limit: "none" } as const

export const templatesRoutes = (templates: TemplatesService) => [
  route({
    ...senders,
    method: "put",
    path: "/notifications/templates/{name}",
    summary: "Keep a text with variables, to send it by its name",
    params: TemplateParams,
    body: TemplateBody,
    success: { status: 200, body: TemplateView },
    problems: ["template.too-many"],
    handle: async ({ params, body, caller }) =>
      toTemplateView(await templates.keep(caller.clientId, { ...params, ...body })),
  }),
  route({
    ...senders,
    method: "get",
    path: "/notifications/templates",
    summary: "List your templates",
    success: { status: 200, body: TemplateList },
    problems: [],
    handle: async ({ caller }) => ({
      items: (await templates.list(caller.clientId)).map(toTemplateView),
      next_cursor: null,
    }),
  }),
  route({
    ...senders,
    method: "delete",
    path: "/notifications/templates/{name}",
    summary: "Delete one of your templates",
    params: TemplateParams,
    success: { status: 200, body: said("Template deleted") },
    problems: ["template.not-found"],
    handle: async ({ params, caller }) => {
      await templates.remove(caller.clientId, params.name)
      return {}
    },
  }),
]
