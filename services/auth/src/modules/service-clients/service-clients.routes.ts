import { Message, type RequestContext, route, type UserCaller } from "@gatepost/http"
import type { SessionsService } from "../sessions/index.js"
import {
  CreatedServiceClient,
  RotateBody,
  ServiceClientBody,
  ServiceClientList,
  ServiceClientParams,
  toCreatedView,
  toServiceClientView,
} from "./service-clients.schemas.js"
import type { Actor, ServiceClients } from "./service-clients.service.js"

const ACCESS = { user: "clients:write" } as const

/** Of the admin port. */
export const serviceClientsRoutes = (
  clients: ServiceClients,
  sessions: Pick<SessionsService, "assertFresh">,
) => [
  route({
    method: "get",
    path: "/admin/clients",
    summary: "List the service clients",
    tag: "Service clients",
    access: ACCESS,
    limit: "none",
    success: { status: 200, body: ServiceClientList },
    problems: [],
    handle: async () => ({ items: (await clients.list()).map(toServiceClientView), next_cursor: null }),
  }),
  route({
    method: "post",
    path: "/admin/clients",
    summary: "Make a service client; its secret is shown this once",
    tag: "Service clients",
    access: ACCESS,
    limit: "none",
    body: ServiceClientBody,
    success: { status: 201, body: CreatedServiceClient },
    problems: ["service-client.taken", "mfa.step-up-required"],
    handle: async ({ body, caller, context }) => {
      await sessions.assertFresh(caller)
      const client = {
        clientId: body.client_id,
        clientName: body.client_name,
        scopes: body.scopes,
        authMethod: body.token_endpoint_auth_method,
        jwks: body.jwks,
        expiresInDays: body.expires_in_days,
      }
      return toCreatedView(await clients.create(client, actorOf(caller, context)))
    },
  }),
  route({
    method: "post",
    path: "/admin/clients/{client_id}/rotate",
    summary: "Give a service client a new secret; the old one is taken for a while",
    tag: "Service clients",
    access: ACCESS,
    limit: "none",
    params: ServiceClientParams,
    body: RotateBody,
    success: { status: 200, body: CreatedServiceClient },
    problems: ["service-client.not-found", "mfa.step-up-required"],
    handle: async ({ params, body, caller, context }) => {
      await sessions.assertFresh(caller)
      const times = { overlapSeconds: body.overlap_seconds, expiresInDays: body.expires_in_days }
      return toCreatedView(await clients.rotate(params.client_id, times, actorOf(caller, context)))
    },
  }),
  route({
    method: "delete",
    path: "/admin/clients/{client_id}",
    summary: "Revoke a service client",
    tag: "Service clients",
    access: ACCESS,
    limit: "none",
    params: ServiceClientParams,
    success: { status: 200, body: Message },
    problems: ["service-client.not-found"],
    handle: async ({ params, caller, context }) => {
      await clients.revoke(params.client_id, actorOf(caller, context))
      return { message: "Client revoked" }
    },
  }),
]

const actorOf = ({ userId: by }: UserCaller, context: RequestContext): Actor => ({ ...context, by })
