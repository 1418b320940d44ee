export { type AuditSource, insertAuditEvent } from "./audit.repository.js"
export type { AuditEvent, AuditEventName } from "./audit.types.js"
