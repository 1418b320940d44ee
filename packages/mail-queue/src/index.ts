export { isSingleAddress } from "./address.js"
export { type Claim, type Claims, createClaims, type Handover } from "./claims.js"
export { forgetAddress } from "./forget.js"
export { type MailCount, mailCounts, oldestDueSeconds, suppressionCounts, uncertainMails } from "./gauges.js"
export { createJobs, type Jobs, type JobsOptions } from "./jobs.js"
export { MAIL_SCHEMA, migrateMailQueue } from "./migrate-mail-queue.js"
export { createOutbox, type Outbox, type OutgoingMail } from "./outbox.js"
export { InvalidMailError, type MailContent } from "./payloads.js"
export {
  createPostOffice,
  type MailDetails,
  type MailEvent,
  type MailState,
  type MailSummary,
  mailStates,
  type PostOffice,
  type RetryOutcome,
} from "./post-office.js"
export { createRelay, type MailJob, type Relay } from "./relay.js"
export type {
  Suppression,
  SuppressionDetails,
  SuppressionEvent,
  SuppressionList,
} from "./suppression-list.js"
export { createSweeper, HEARTBEAT_MS, type Sweeper } from "./sweeper.js"
