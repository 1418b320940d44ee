import { z } from "zod"
import { ExpiresInDays, Name, OverlapSeconds, ServiceScopes } from "../service-clients/index.js"
import type { ApiKeyRecord } from "./api-keys.repository.js"
import type { ShownApiKey } from "./api-keys.service.js"

export const ApiKeyParams = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/, "must be the id of an API key"),
})

export const CreateApiKeyBody = z
  .object({ name: Name, scopes: ServiceScopes, expires_in_days: ExpiresInDays })
  .meta({ id: "CreateApiKey" })

export const RotateApiKeyBody = z
  .object({ overlap_seconds: OverlapSeconds, expires_in_days: ExpiresInDays })
  .meta({ id: "RotateApiKey" })

export const VerifyApiKeyBody = z
  .object({ api_key: z.string().min(1).max(400).meta({ format: "password" }) })
  .meta({ id: "VerifyApiKey" })

export const ApiKeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "ApiKey" })

export const CreatedApiKey = ApiKeyView.extend({
  api_key: z.string().meta({ description: "Shown this once" }),
}).meta({ id: "CreatedApiKey" })

export const ApiKeyList = z
  .object({ items: z.array(ApiKeyView), next_cursor: z.null() })
  .meta({ id: "ApiKeyList" })

export const VerifiedApiKey = z
  .object({
    client_id: z
      .string()
      .meta({ description: "`api-key:` and its id, or that of the key it was rotated from first" }),
    owner_id: z.uuid().nullable(),
    scope: z.string().meta({ description: "What it may do now, with spaces between" }),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: "VerifiedApiKey" })

export const toApiKeyView = (key: ApiKeyRecord): z.input<typeof ApiKeyView> => ({
  id: key.id,
  name: key.name,
  scopes: key.scopes,
  created_at: key.createdAt.toISOString(),
  expires_at: key.expiresAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
})

export const toCreatedApiKey = ({ record, key }: ShownApiKey): z.input<typeof CreatedApiKey> => ({
  ...toApiKeyView(record),
  api_key: key,
})
