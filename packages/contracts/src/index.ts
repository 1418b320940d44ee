export { type MailKind, type MailPayload, mailKinds, mailPayloads } from "./mails.js"
export { type Lane, laneOf, lanes, queueName } from "./queues.js"
export { type Scope, scopes, type UserScope, userScopes } from "./scopes.js"
