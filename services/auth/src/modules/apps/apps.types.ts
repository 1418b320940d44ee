import { type Scope, scopes } from "@gatepost/contracts"
import { z } from "zod"
import { builtInRoles } from "./built-in-roles.js"

const redirectUri = z.string().min(1).max(2_000)

const linkTemplate = (ours: string) => z.string().includes("{token}").default(ours)

// Ours, and what people would take for ours.
const RESERVED =
  /^(id|sub|user_id|email.*|name|is_.*|roles?|scopes?|permissions?|created_at|updated_at|.*password.*|.*token.*)$/

const ProfileMember = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/)
  .refine((name) => !RESERVED.test(name), "is not the app's to keep")

const Role = z.strictObject({
  description: z.string().min(1).max(200),
  /** What else may be done by those who have it. */
  scopes: z.array(z.enum(Object.keys(scopes) as Scope[])).default([]),
})

const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/)
  .refine((name) => !(name in builtInRoles), "is a role of the installation")

/**
 * An app: an OAuth client in RFC 7591's member names, with ours beside them (DESIGN.md D11).
 * Link templates hold `{token}`, and may hold `{public_url}` and `{client_id}`.
 */
export const App = z.strictObject({
  client_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  client_name: z.string().min(1).max(100),
  redirect_uris: z.array(redirectUri).default([]),
  post_logout_redirect_uris: z.array(redirectUri).default([]),
  /** Where the app is told that a session of it has ended (Back-Channel Logout 1.0 section 2.2). */
  backchannel_logout_uri: redirectUri.optional(),
  /** Taken, and always so: every logout token has a `sid`. */
  backchannel_logout_session_required: z.boolean().default(false),
  application_type: z.enum(["web", "native"]).default("web"),
  grant_types: z.array(z.string()).default(["authorization_code", "refresh_token"]),
  token_endpoint_auth_method: z.enum(["none", "client_secret_basic", "client_secret_post"]).default("none"),
  client_secret: z.string().min(32).optional(),
  dpop_bound_access_tokens: z.boolean().default(false),
  require_pushed_authorization_requests: z.boolean().default(false),
  /** One of the operator's own apps: no consent is asked for, and the API is its default resource. */
  first_party: z.boolean().default(false),
  hosts: z.array(z.string()).default([]),
  allowed_origins: z.array(z.string()).default([]),
  link_templates: z.strictObject({
    verify_email: z.string().includes("{token}"),
    reset_password: z.string().includes("{token}"),
    confirm_new_email: linkTemplate("{public_url}/confirm-email?client_id={client_id}&token={token}"),
    sign_in: linkTemplate("{public_url}/sign-in-link?client_id={client_id}&token={token}"),
    undo_email_change: linkTemplate("{public_url}/undo-email-change?client_id={client_id}&token={token}"),
    approve_sign_in: linkTemplate("{public_url}/approve-sign-in?client_id={client_id}&token={token}"),
    keep_account: linkTemplate("{public_url}/keep-account?client_id={client_id}&token={token}"),
  }),
  /** The operator's Android apps that use its passkeys: for `assetlinks.json`, and the origins they come from. */
  android_apps: z
    .array(
      z.strictObject({
        package_name: z.string().regex(/^[A-Za-z][\w.]{0,199}$/),
        sha256_cert_fingerprints: z.array(z.string().regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)).min(1),
      }),
    )
    .default([]),
  /** The same of Apple's, `<team>.<bundle>`: for `apple-app-site-association`. Their origin is the site's. */
  apple_app_ids: z.array(z.string().regex(/^[A-Z0-9]{10}\.[A-Za-z0-9.-]{1,155}$/)).default([]),
  mail_from: z.email(),
  colors: z.strictObject({ primary: z.string().regex(/^#[0-9a-fA-F]{6}$/) }),
  otp_reset: z.boolean().default(false),
  /** Whether people may begin without an address. */
  guests: z.boolean().default(false),
  /** Which of SOCIAL_PROVIDERS its people sign in with; all if left out. */
  social_providers: z.array(z.string()).optional(),
  /** What its users' profiles have besides the name. */
  profile_members: z.array(ProfileMember).default([]),
  /** The roles that its users can have, by name. */
  roles: z.record(RoleName, Role).default({}),
})

export type App = z.output<typeof App>
