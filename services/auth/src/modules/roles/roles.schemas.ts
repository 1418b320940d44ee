import { z } from "zod"
import type { RoleGrant } from "../role-grants/index.js"

const ClientId = z
  .string()
  .regex(/^(\*|[a-z0-9][a-z0-9-]{0,62})$/, "must be an app's client_id, or *")
  .meta({ description: "Whose role it is: an app's, or, as `*`, this installation's" })

const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, "must be a role's name")
  .meta({ example: "support" })

export const UserParams = z.object({ id: z.uuid() })

export const RoleParams = z.object({ id: z.uuid(), role: RoleName })

export const RoleBody = z
  .object({ role: RoleName, client_id: ClientId.default("*") })
  .meta({ id: "GiveRole" })

export const RoleQuery = z.object({ client_id: ClientId.default("*") })

const RoleView = z
  .object({
    client_id: z.string(),
    role: z.string(),
    description: z.string(),
    scopes: z
      .array(z.string())
      .meta({ description: "What it allows in tokens that come by sign-in at the API" }),
  })
  .meta({ id: "Role" })

export const RoleList = z.object({ items: z.array(RoleView), next_cursor: z.null() }).meta({ id: "RoleList" })

export const RoleGrantView = z
  .object({ client_id: z.string(), role: z.string(), granted_at: z.iso.datetime() })
  .meta({ id: "RoleGrant" })

export const RoleGrantList = z
  .object({ items: z.array(RoleGrantView), next_cursor: z.null() })
  .meta({ id: "RoleGrantList" })

export const toRoleGrantView = ({ clientId, role, grantedAt }: RoleGrant): z.input<typeof RoleGrantView> => ({
  client_id: clientId,
  role,
  granted_at: grantedAt.toISOString(),
})

export const toRoleGrantList = (grants: RoleGrant[]): z.input<typeof RoleGrantList> => ({
  items: grants.map(toRoleGrantView),
  next_cursor: null,
})
