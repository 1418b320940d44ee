import { serviceScopes } from "@gatepost/contracts"
import { z } from "zod"
import type { ServiceClientRecord } from "./service-clients.repository.js"
import type { NewSecret } from "./service-clients.service.js"

const DAY_SECONDS = 86_400

export const ClientId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be small letters, digits and hyphens")
  .meta({ example: "billing" })

export const Name = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(100, "must have at most 100 characters")
  .regex(/^[^\p{C}]*$/u, "must not have invisible characters")

export const ServiceScopes = z
  .array(z.enum(serviceScopes, { error: `must be among ${serviceScopes.join(", ")}` }))
  .min(1, "must name a scope")
  .max(serviceScopes.length)

/** SECURITY.md section 2: a year at most. */
export const ExpiresInDays = z.int().min(1).max(365).default(90)

export const OverlapSeconds = z
  .int()
  .min(0)
  .max(30 * DAY_SECONDS)
  .default(DAY_SECONDS)
  .meta({ description: "How long what was there before is still taken" })

// RFC 7517; exact members, so that no private part can come along.
const common = { kid: z.string().min(1).max(200).optional(), use: z.literal("sig").optional() }
const Base64Url = z.string().regex(/^[A-Za-z0-9_-]{1,1400}$/, "must be base64url")
const PublicKey = z.discriminatedUnion("kty", [
  z.strictObject({
    ...common,
    kty: z.literal("RSA"),
    alg: z.enum(["RS256", "PS256"]).optional(),
    n: Base64Url.min(342, "must have at least 2048 bits"),
    e: Base64Url,
  }),
  z.strictObject({
    ...common,
    kty: z.literal("EC"),
    alg: z.literal("ES256").optional(),
    crv: z.literal("P-256"),
    x: Base64Url,
    y: Base64Url,
  }),
])

/** Public keys of a client, RSA from 2048 bits or P-256. */
export const Jwks = z.object({ keys: z.array(PublicKey).min(1).max(5) })

export const ServiceClientBody = z
  .object({
    client_id: ClientId,
    client_name: Name,
    scopes: ServiceScopes,
    token_endpoint_auth_method: z
      .enum(["client_secret_basic", "client_secret_post", "private_key_jwt"])
      .default("client_secret_basic"),
    jwks: Jwks.optional().meta({ description: "Public keys, with `private_key_jwt`" }),
    expires_in_days: ExpiresInDays,
  })
  .refine(
    ({ token_endpoint_auth_method: method, jwks }) => (method === "private_key_jwt") === (jwks !== undefined),
    {
      path: ["jwks"],
      error: "must be there with private_key_jwt, and with nothing else",
    },
  )
  .meta({ id: "CreateServiceClient" })

export const RotateBody = z
  .object({ overlap_seconds: OverlapSeconds, expires_in_days: ExpiresInDays })
  .meta({ id: "Rotate" })

export const ServiceClientParams = z.object({ client_id: ClientId })

export const ServiceClientView = z
  .object({
    client_id: z.string(),
    client_name: z.string(),
    scopes: z.array(z.string()),
    token_endpoint_auth_method: z.string(),
    created_at: z.iso.datetime(),
    secrets_expire_at: z.array(z.iso.datetime()),
  })
  .meta({ id: "ServiceClient" })

export const CreatedServiceClient = ServiceClientView.extend({
  client_secret: z.string().optional().meta({ description: "Shown this once" }),
}).meta({ id: "CreatedServiceClient" })

export const ServiceClientList = z
  .object({ items: z.array(ServiceClientView), next_cursor: z.null() })
  .meta({ id: "ServiceClientList" })

export const toServiceClientView = (client: ServiceClientRecord): z.input<typeof ServiceClientView> => ({
  client_id: client.clientId,
  client_name: client.clientName,
  scopes: client.scopes,
  token_endpoint_auth_method: client.authMethod,
  created_at: client.createdAt.toISOString(),
  secrets_expire_at: client.secretsExpireAt.map((at) => at.toISOString()),
})

export const toCreatedView = ({ client, secret }: NewSecret): z.input<typeof CreatedServiceClient> => ({
  ...toServiceClientView(client),
  ...(secret && { client_secret: secret }),
})
