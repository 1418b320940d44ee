export { deleteInBatches } from "./batches.js"
export { type Database, type DatabaseOptions, type Db, openDatabase } from "./database.js"
export { databaseChecks } from "./database-checks.js"
export { isUnavailable, isUniqueViolation } from "./failures.js"
export { onReadOnly } from "./flush.js"
export {
  createIdempotency,
  type Idempotency,
  type IdempotencyKey,
  type IdempotentOutcome,
} from "./idempotency.js"
export { deleteExpiredLimits } from "./limits.js"
export { type Migrated, type MigrateOptions, migrate } from "./migrate.js"
export { type Listener, listen } from "./notifications.js"
export { type PreparedStatement, prepared } from "./prepared.js"
export { schemaCheck } from "./schema-check.js"
