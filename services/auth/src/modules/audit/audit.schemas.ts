import { z } from "zod"

const MAX_LIMIT = 100
const Limit = z.coerce.number().int().min(1).max(MAX_LIMIT).default(20)
const Cursor = z.string().max(500).optional().meta({ description: "`next_cursor` of the page before" })

export const ActivityQuery = z.object({ limit: Limit, cursor: Cursor })

export const AuditQuery = z.object({
  account_id: z.uuid().optional(),
  session_id: z.uuid().optional(),
  event: z
    .string()
    .regex(/^[a-z.-]{1,60}$/)
    .optional(),
  outcome: z.enum(["success", "failure"]).optional(),
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  from: z.iso.datetime().optional().meta({ description: "Not before" }),
  until: z.iso.datetime().optional().meta({ description: "Before" }),
  limit: Limit,
  cursor: Cursor,
})

const Activity = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    event: z.string().meta({ example: "session.started" }),
    outcome: z.enum(["success", "failure"]),
    client_id: z.string().nullable(),
    session_id: z.uuid().nullable(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: "Activity" })

const AuditEntry = Activity.extend({
  account_id: z.uuid().nullable(),
  request_id: z.uuid().nullable(),
  detail: z.record(z.string(), z.unknown()),
}).meta({ id: "AuditEvent" })

export const ActivityList = z
  .object({ items: z.array(Activity), next_cursor: z.string().nullable() })
  .meta({ id: "ActivityList" })

export const AuditList = z
  .object({ items: z.array(AuditEntry), next_cursor: z.string().nullable() })
  .meta({ id: "AuditList" })
