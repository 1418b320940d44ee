import { z } from "zod"
import { toUserView, User } from "../accounts/index.js"
import type { AdminUserRecord } from "./admin-users.repository.js"

export const UserParams = z.object({ id: z.uuid() })

export const UserSessionParams = z.object({ id: z.uuid(), session_id: z.uuid() })

export const SearchQuery = z.object({
  q: z
    .string()
    .trim()
    .min(3, "must have at least 3 characters")
    .max(254, "must have at most 254 characters")
    .optional()
    .meta({ description: "How the address begins; or a whole `id`, or `external_id`" }),
  status: z.enum(["active", "suspended"]).optional(),
  role: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, "must be a role's name")
    .optional()
    .meta({ description: "Only those who have it" }),
  client_id: z
    .string()
    .regex(/^(\*|[a-z0-9][a-z0-9-]{0,62})$/, "must be an app's client_id, or *")
    .default("*")
    .meta({ description: "Whose `role`" }),
  cursor: z
    .string()
    .regex(/^[\w-]{4,400}$/, "must be a `next_cursor`")
    .optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, "must be a whole number from 1 to 100")
    .default("50"),
})

export const SuspendBody = z
  .object({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(400)
      .optional()
      .meta({ description: "For the audit, not for the user" }),
  })
  .meta({ id: "SuspendUser" })

export const AdminUser = User.extend({
  external_id: z.string().optional(),
  has_password: z.boolean(),
  suspended_at: z.iso.datetime().nullable(),
  last_signed_in_at: z.iso.datetime().nullable(),
  roles: z.array(z.object({ client_id: z.string(), role: z.string() })),
}).meta({ id: "AdminUser" })

export const AdminUserList = z
  .object({
    items: z.array(AdminUser),
    next_cursor: z.string().nullable().meta({ description: "`cursor` of the next page, if there is more" }),
  })
  .meta({ id: "AdminUserList" })

export const toAdminUserView = (user: AdminUserRecord): z.input<typeof AdminUser> => ({
  ...toUserView(user),
  ...(user.externalId && { external_id: user.externalId }),
  has_password: user.hasPassword,
  suspended_at: user.suspendedAt?.toISOString() ?? null,
  last_signed_in_at: user.lastSignedInAt?.toISOString() ?? null,
  roles: user.roleGrants.map((grant) => {
    const [client_id = "", role = ""] = grant.split(" ")
    return { client_id, role }
  }),
})
