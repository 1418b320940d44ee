/** The events there are; append-only, like problem codes. */
export type AuditEventName =
  | "account.registered"
  | "account.claimed"
  | "account.upgraded"
  | "identity.linked"
  | "identity.unlinked"
  | "sign-in-link.requested"
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
  | "second-factor.challenged"
  | "second-factor.refused"
  | "second-factor.paused"
  | "totp.enabled"
  | "totp.disabled"
  | "recovery-codes.replaced"
  | "recovery-code.used"
  | "device.remembered"
  | "devices.forgotten"
  | "session.stepped-up"
  | "passkey.added"
  | "passkey.renamed"
  | "passkey.deleted"
  | "passkey.refused"
  | "passkey.counter-regressed"

export interface AuditEvent {
  event: AuditEventName
  outcome: "success" | "failure"
  accountId?: string | undefined
  sessionId?: string | undefined
  clientId?: string | undefined
  detail?: Record<string, string | number | boolean>
}
