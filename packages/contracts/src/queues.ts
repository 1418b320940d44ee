import type { MailKind } from "./mails.js"

/**
 * The lanes of mail, each with its own queue, so that a newsletter never delays a code (DESIGN.md D9):
 * `otp` what somebody is waiting for, `transactional` what they should know, `bulk` what can wait.
 */
export const lanes = ["otp", "transactional", "bulk"] as const

export type Lane = (typeof lanes)[number]

const laneByKind: Record<MailKind, Lane> = {
  "verify-email": "otp",
  "reset-password": "otp",
  "confirm-new-email": "otp",
  "sign-in-link": "otp",
  "password-changed": "transactional",
  "email-changed": "transactional",
  "session-revoked": "transactional",
  "new-sign-in": "transactional",
  "approve-sign-in": "otp",
  "account-deletion": "transactional",
  "account-deleted": "transactional",
  notification: "bulk",
  "notification-digest": "bulk",
  "sign-in-method-changed": "transactional",
  "second-factor-changed": "transactional",
  "second-factor-failed": "transactional",
}

export const laneOf = (kind: MailKind): Lane => laneByKind[kind]

export const queueName = (lane: Lane): string => `mail-${lane}`

/**
 * What becomes of a mail of which nobody can know whether it arrived, because its worker or its connection
 * died after the server had begun to read: `resend` sends it again, with the same Message-ID, date and code;
 * `once` never does, and lists it for an operator (DELIVERY.md 5.4).
 */
export const uncertainPolicies = ["resend", "once"] as const

export type UncertainPolicy = (typeof uncertainPolicies)[number]

// A second copy of a code or an alert harms nobody, a lost one does; of a newsletter it is the other way round.
const policyByLane: Record<Lane, UncertainPolicy> = {
  otp: "resend",
  transactional: "resend",
  bulk: "once",
}

export const policyOf = (kind: MailKind): UncertainPolicy => policyByLane[laneOf(kind)]
