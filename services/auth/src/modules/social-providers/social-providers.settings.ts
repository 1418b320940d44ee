import { readFileSync } from "node:fs"
import { Secret } from "@gatepost/runtime"
import { z } from "zod"

const secretText = (min: number) =>
  z
    .string()
    .min(min)
    .transform((value) => new Secret(value))
const httpUrl = z.url({ protocol: /^https?$/ })
const domains = z.array(z.string().regex(/^[a-z0-9.-]+$/)).default([])

const common = {
  /** Where it stands in our paths; not to be changed later. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .optional(),
  name: z.string().min(1).max(40).optional(),
  client_id: z.string().min(1),
  /** Our mobile apps' clients there: an ID token for one of them signs in. */
  native_client_ids: z.array(z.string().min(1)).default([]),
  /**
   * Whether a verified address here is found by a verified address there: `authoritative` where the provider gives
   * out that domain's addresses itself.
   */
  link_by_email: z.enum(["never", "authoritative"]).optional(),
}

const Google = z.strictObject({
  ...common,
  type: z.literal("google"),
  client_secret: secretText(1),
  issuer: httpUrl.default("https://accounts.google.com"),
})

const Apple = z.strictObject({
  ...common,
  type: z.literal("apple"),
  team_id: z.string().min(1),
  key_id: z.string().min(1),
  /** The .p8 file's text. */
  private_key: secretText(1),
  issuer: httpUrl.default("https://appleid.apple.com"),
})

const GitHub = z.strictObject({
  ...common,
  type: z.literal("github"),
  client_secret: secretText(1),
  /** Of a GitHub Enterprise Server, its own. */
  issuer: httpUrl.default("https://github.com"),
  api_url: httpUrl.default("https://api.github.com"),
})

const Oidc = z.strictObject({
  ...common,
  type: z.literal("oidc"),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  name: z.string().min(1).max(40),
  client_secret: secretText(1),
  issuer: httpUrl,
  scope: z.string().default("openid email profile"),
  /** The domains whose addresses it gives out. */
  authoritative_domains: domains,
})

export const ProviderSettings = z.discriminatedUnion("type", [Google, Apple, GitHub, Oidc])

export type ProviderSettings = z.output<typeof ProviderSettings>

export type AppleSettings = z.output<typeof Apple>
export type GitHubSettings = z.output<typeof GitHub>
export type OidcSettings = Exclude<ProviderSettings, GitHubSettings>

const ProviderList = z
  .array(ProviderSettings)
  .max(20)
  .refine((list) => new Set(list.map(idOf)).size === list.length, "each provider needs an id of its own")

/** The setting `SOCIAL_PROVIDERS`: JSON, or the path of a file with it. Nothing of it is quoted in a fault. */
export const socialProviders = () =>
  z.string().transform((text, context) => {
    const fault = (message: string) => {
      context.addIssue({ code: "custom", message })
      return z.NEVER
    }
    let json: unknown
    try {
      json = JSON.parse(text.trimStart().startsWith("[") ? text : readFileSync(text, "utf8"))
    } catch {
      return fault("must be a JSON list, or the path of a file with one")
    }
    const list = ProviderList.safeParse(json)
    if (list.success) return list.data
    const faults = list.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`)
    return fault(`can't be used: ${faults.join("; ")}`)
  })

/** What a provider is called in our paths. */
export function idOf({ id, type }: { id?: string | undefined; type: string }): string {
  return id ?? type
}
