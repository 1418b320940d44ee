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
  "password-changed": "transactional",
  "email-changed": "transactional",
  "session-revoked": "transactional",
}

export const laneOf = (kind: MailKind): Lane => laneByKind[kind]

export const queueName = (lane: Lane): string => `mail-${lane}`
