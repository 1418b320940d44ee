export { migrateAll } from "./migrations.js"
export {
  type LocalPostgres,
  type PostgresLogin,
  type PostgresOptions,
  startPostgres,
} from "./postgres/launcher.js"
