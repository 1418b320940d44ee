import { z } from "zod"
import type { Identity } from "./identities.repository.js"
import type { LinkProof } from "./identities.service.js"

export const IdentityView = z
  .object({
    id: z.uuid(),
    provider: z.string(),
    name: z.string().meta({ description: "The provider's, as people know it" }),
    email: z.string().optional().meta({ description: "As the provider has it; not the account's" }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime(),
  })
  .meta({ id: "Identity" })

export const IdentityList = z
  .object({ items: z.array(IdentityView), next_cursor: z.null() })
  .meta({ id: "IdentityList" })

export const IdentityParams = z.object({ id: z.uuid() })

export const BeginLinkBody = z
  .object({
    redirect_uri: z.string().min(1).max(2_000).meta({ description: "One of the app's `redirect_uris`" }),
  })
  .meta({ id: "BeginLink" })

export const LinkBegun = z
  .object({ authorization_url: z.string(), expires_in: z.int() })
  .meta({ id: "LinkBegun" })

const text = (max: number) => z.string().min(1).max(max).optional()

export const LinkBody = z
  .object({
    id_token: text(8_192),
    nonce: z.string().min(16).max(256).optional(),
    authorization_code: text(2_048),
    code: text(2_048).meta({ description: "As the provider sent it back to the app's `redirect_uri`" }),
    state: text(256),
    iss: text(2_000),
  })
  .refine(
    ({ id_token, nonce, code, state }) => (id_token && nonce) || (code && state),
    "must have id_token and nonce, or code and state",
  )
  .meta({ id: "LinkIdentity" })

export function toProof(body: z.output<typeof LinkBody>): LinkProof {
  const { id_token, nonce, authorization_code, code = "", state = "", iss } = body
  if (id_token && nonce) return { idToken: id_token, nonce, code: authorization_code }
  return { answer: { code, state, ...(iss && { iss }) } }
}

export const toIdentityView = (
  { id, provider, email, createdAt, lastUsedAt }: Identity,
  nameOf: (provider: string) => string,
): z.input<typeof IdentityView> => ({
  id,
  provider,
  name: nameOf(provider),
  ...(email && { email }),
  created_at: createdAt.toISOString(),
  last_used_at: lastUsedAt.toISOString(),
})
