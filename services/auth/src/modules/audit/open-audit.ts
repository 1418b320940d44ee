import type { Database } from "@gatepost/postgres"
import { createSealer, type Logger } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { createAuditService } from "./audit.service.js"
import { auditKeyOf } from "./audit-key.js"
import { forgetOldEvents } from "./audit-retention.js"
import { startAuditSealer } from "./audit-sealer.js"

/**
 * @param options.secret of which the key of the chain is made, and that of the pages' cursors
 * @param options.previousSecrets of which keys of older seals were made
 * @param options.retentionDays how long events are kept
 */
export function openAudit(options: {
  database: Database
  apps: Apps
  secret: string
  previousSecrets: readonly string[]
  retentionDays: number
  logger: Logger
}) {
  const { database, apps, secret, previousSecrets, logger } = options
  const key = auditKeyOf(secret)
  const cursors = createSealer(secret, "cursors of audit events")
  return {
    audit: createAuditService({ database, apps, cursors }),
    auditSealer: startAuditSealer({ database, key, logger }),
    sweepAudit: () =>
      forgetOldEvents(database, [key, ...previousSecrets.map(auditKeyOf)], options.retentionDays),
  }
}
