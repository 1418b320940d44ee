export { Fact, MAX_FACTS, type SecurityEvent, securityEvents } from "./facts.js"
export { inkOn } from "./ink.js"
export { findLanguage, type Language, languages } from "./languages.js"
export {
  type MailApp,
  type MailCode,
  type MailKind,
  type MailNotice,
  type MailPayload,
  mailKinds,
  mailPayloads,
  type SecondFactorChange,
  secondFactorChanges,
} from "./mails.js"
export {
  type Lane,
  laneOf,
  lanes,
  policyOf,
  queueName,
  type UncertainPolicy,
  uncertainPolicies,
} from "./queues.js"
export { type Scope, scopes, serviceScopes, userScopes } from "./scopes.js"
