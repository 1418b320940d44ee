import type { Database } from "@gatepost/postgres"
import { createSealer, type Logger } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { createAuditService } from "./audit.service.js"
import { auditKeyOf } from "./audit-key.js"
import { startAuditSealer } from "./audit-sealer.js"

/** @param options.secret of which the key of the chain is made, and that of the pages' cursors */
export function openAudit(options: { database: Database; apps: Apps; secret: string; logger: Logger }) {
  const { database, apps, secret, logger } = options
  const cursors = createSealer(secret, "cursors of audit events")
  return {
    audit: createAuditService({ database, apps, cursors }),
    auditSealer: startAuditSealer({ database, key: auditKeyOf(secret), logger }),
  }
}
