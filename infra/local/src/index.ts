export { migrateAll } from "./migrations.js"
export { freePort } from "./ports.js"
export {
  type LocalPostgres,
  type PostgresLogin,
  type PostgresOptions,
  startPostgres,
} from "./postgres/launcher.js"
export { gatepost, type Program, withExamples } from "./programs.js"
export type { SecretName } from "./settings.js"
