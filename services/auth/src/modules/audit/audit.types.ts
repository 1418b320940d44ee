/** The events there are; append-only, like problem codes. */
export type AuditEventName =
  | "account.registered"
  | "account.profile-changed"
  | "accounts.exported"
  | "accounts.imported"
  | "one-time-code.refused"
  | "email.verified"
  | "email.verification-requested"
  | "password.reset-requested"
  | "email.change-requested"
  | "email.changed"
  | "email.change-undone"
  | "password.reset"
  | "password.changed"
  | "session.started"
  | "session.refused"
  | "session.ended"
  | "session.signed-out"
  | "session.refresh-reused"
  | "signing-key.rotated"
  | "signing-key.revoked"
  | "admin.invited"
  | "admin.accepted"
  | "user.suspended"
  | "user.unsuspended"
  | "role.given"
  | "role.taken"
  | "service-client.created"
  | "service-client.rotated"
  | "service-client.revoked"
  | "api-key.created"
  | "api-key.rotated"
  | "api-key.revoked"
  | "webhook.created"
  | "webhook.rotated"
  | "webhook.enabled"
  | "webhook.deleted"

export interface AuditEvent {
  event: AuditEventName
  outcome: "success" | "failure"
  accountId?: string | undefined
  sessionId?: string | undefined
  clientId?: string | undefined
  detail?: Record<string, string | number | boolean>
}
