export { createGuessAlarm } from "./guess-alarm.js"
export type { CodePurpose } from "./one-time-codes.repository.js"
export { OneTimeCode } from "./one-time-codes.schemas.js"
export { createOneTimeCodes, type OneTimeCodes } from "./one-time-codes.service.js"
