export { createFcm } from "./fcm.js"
export { readServiceAccount } from "./fcm-access.js"
export type { Push, PushResult, PushTransport, PushTransports } from "./push.types.js"
export { createWebPush, webPushKeyOf } from "./web-push.js"
