import { type Health, route } from "@gatepost/http"
import { z } from "zod"

const Status = z
  .object({
    status: z.enum(["healthy", "degraded"]),
    service: z.string(),
    version: z.string(),
    uptime_seconds: z.int(),
    checks: z.record(z.string(), z.enum(["ok", "failing"])).meta({ description: "By part" }),
  })
  .meta({ id: "Status" })

/** For an app's health indicator; the parts are looked at once a second, however many ask (check 114). */
export const statusRoutes = (health: Pick<Health, "report">) => [
  route({
    method: "get",
    path: "/status",
    summary: "How the service is: version, uptime, and which parts fail",
    tag: "Status",
    access: "public",
    limit: "none",
    success: { status: 200, body: Status },
    problems: [],
    handle: () => health.report(),
  }),
]
