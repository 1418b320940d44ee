import { z } from "zod"

const redirectUri = z.string().min(1).max(2_000)

/**
 * An app: an OAuth client in RFC 7591's member names, with ours beside them (DESIGN.md D11).
 * Link templates hold `{token}` and may hold `{public_url}`.
 */
export const App = z.strictObject({
  client_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  client_name: z.string().min(1).max(100),
  redirect_uris: z.array(redirectUri).default([]),
  hosts: z.array(z.string()).default([]),
  allowed_origins: z.array(z.string()).default([]),
  link_templates: z.strictObject({
    verify_email: z.string().includes("{token}"),
    reset_password: z.string().includes("{token}"),
  }),
  mail_from: z.email(),
  colors: z.strictObject({ primary: z.string().regex(/^#[0-9a-fA-F]{6}$/) }),
  otp_reset: z.boolean().default(false),
})

export type App = z.output<typeof App>
