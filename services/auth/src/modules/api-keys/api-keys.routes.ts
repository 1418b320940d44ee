import { Message, Problem, route } from "@gatepost/http"
import type { SessionsService } from "../sessions/index.js"
import {
  ApiKeyList,
  ApiKeyParams,
  CreateApiKeyBody,
  CreatedApiKey,
  RotateApiKeyBody,
  toApiKeyView,
  toCreatedApiKey,
  VerifiedApiKey,
  VerifyApiKeyBody,
} from "./api-keys.schemas.js"
import type { ApiKeys } from "./api-keys.service.js"

const OWNER = { user: "account" } as const

export const apiKeysRoutes = (keys: ApiKeys, sessions: Pick<SessionsService, "assertFresh">) => [
  route({
    method: "get",
    path: "/api-keys",
    summary: "List your API keys",
    tag: "API keys",
    access: OWNER,
    limit: "none",
    success: { status: 200, body: ApiKeyList },
    problems: [],
    handle: async ({ caller, context }) => {
      const owner = keys.ownerOf(caller, context, { isMaker: false })
      return { items: (await keys.list(owner)).map(toApiKeyView), next_cursor: null }
    },
  }),
  route({
    method: "post",
    path: "/api-keys",
    summary: "Make an API key, which can do no more than you; it is shown this once",
    tag: "API keys",
    access: OWNER,
    limit: "create-key",
    body: CreateApiKeyBody,
    success: { status: 201, body: CreatedApiKey },
    problems: [
      "account.email-unverified",
      "api-key.scope-not-yours",
      "api-key.too-many",
      "mfa.step-up-required",
    ],
    handle: async ({ body, caller, context }) => {
      await sessions.assertFresh(caller)
      const owner = keys.ownerOf(caller, context, { isMaker: true })
      const { name, scopes, expires_in_days: expiresInDays } = body
      return toCreatedApiKey(await keys.create(owner, { name, scopes, expiresInDays }))
    },
  }),
  route({
    method: "post",
    path: "/api-keys/{id}/rotate",
    summary: "Replace an API key by a new one; the old one is taken for a while",
    tag: "API keys",
    access: OWNER,
    limit: "create-key",
    params: ApiKeyParams,
    body: RotateApiKeyBody,
    success: { status: 201, body: CreatedApiKey },
    problems: ["account.email-unverified", "api-key.not-found", "mfa.step-up-required"],
    handle: async ({ params, body, caller, context }) => {
      await sessions.assertFresh(caller)
      const owner = keys.ownerOf(caller, context, { isMaker: true })
      const times = { overlapSeconds: body.overlap_seconds, expiresInDays: body.expires_in_days }
      return toCreatedApiKey(await keys.rotate(owner, params.id, times))
    },
  }),
  route({
    method: "delete",
    path: "/api-keys/{id}",
    summary: "Revoke an API key",
    tag: "API keys",
    access: OWNER,
    limit: "none",
    params: ApiKeyParams,
    success: { status: 200, body: Message },
    problems: ["api-key.not-found"],
    handle: async ({ params, caller, context }) => {
      await keys.revoke(keys.ownerOf(caller, context, { isMaker: false }), params.id)
      return { message: "API key revoked" }
    },
  }),
  route({
    method: "post",
    path: "/auth/verify-api-key",
    summary: "For services that are called with API keys: what a key may do now",
    tag: "API keys",
    access: { service: "api-keys:verify" },
    limit: "none",
    body: VerifyApiKeyBody,
    success: { status: 200, body: VerifiedApiKey },
    problems: ["api-key.not-found"],
    handle: async ({ body }) => {
      const key = await keys.verify(body.api_key)
      // Not 401: it is the asker who would be told to sign in again.
      if (!key) throw new Problem("api-key.not-found")
      return {
        client_id: key.clientId,
        owner_id: key.ownerId ?? null,
        scope: [...key.scopes].join(" "),
        expires_at: key.expiresAt.toISOString(),
      }
    },
  }),
]
