export { type Clock, systemClock } from "./clock.js"
export { ConfigError, describeSettings, loadConfig, Secret, type SettingDescription } from "./config.js"
export { type Housekeeping, type Sweeps, startHousekeeping } from "./housekeeping.js"
export { isUuid, newId, randomToken, sha256 } from "./ids.js"
export { type Process, runProcess } from "./lifecycle.js"
export { createLogger, type Logger } from "./logger.js"
export { isLoopback } from "./loopback.js"
export { createPulse, type Pulse } from "./pulse.js"
export { type RedisAddress, type RedisNode, readRedisUrl } from "./redis-address.js"
export { createSealer, deriveKey, type Sealer } from "./sealing.js"
export {
  databaseSettings,
  directUrlOf,
  httpSettings,
  logSettings,
  operatorSettings,
  tracingSettings,
} from "./service-settings.js"
export * as setting from "./settings.js"
export { packageVersion } from "./version.js"
