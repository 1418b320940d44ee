import path from "node:path"
import { fileURLToPath } from "node:url"
import { freePort, migrateAll } from "@gatepost/local"
import { pendingUnlessCi, serverFolder } from "./child-server.js"
import { debianPostgres, giveAway, hasPostgres, initPostgres, runPostgres } from "./debian-postgres.js"

const ROLES = fileURLToPath(new URL("../../../infra/docker/roles.sql", import.meta.url))
const PASSWORD = "a-test-password"
const DATABASE = "gatepost"
const OWNER = "gatepost_owner"
const SERVICES = ["OWNER", "AUTH", "NOTIFICATIONS", "MAIL", "SOCIAL_BATTERY"]

/** Debian's PostgreSQL, with an empty database that the recipes' roles own and use. */
export interface RecipePostgres {
  /** As one of these roles, or as the owner of the schemas. */
  url(role?: string): string
  migrate(): Promise<void>
  /** As an operator does it, as the owner. */
  dump(file: string): Promise<void>
  restore(file: string): Promise<void>
  stop(): Promise<void>
}

/** @param test mocha's `this`: pending where it is not installed */
export async function recipePostgres(test: { skip(): void }): Promise<RecipePostgres> {
  if (!hasPostgres()) pendingUnlessCi(test, "Debian's postgresql is not installed: a restore is pending")
  const folder = serverFolder("recipe-postgres")
  giveAway(folder)
  const server = debianPostgres(path.join(folder, "data"), await freePort(), { fsync: "off" }, folder)
  await initPostgres(server.dir)
  await server.start()
  await server.query(`create database ${DATABASE}`)
  const superuser = `postgres://postgres@127.0.0.1:${server.port}/${DATABASE}`
  const passwords = Object.fromEntries(SERVICES.map((name) => [`POSTGRES_${name}_PASSWORD`, PASSWORD]))
  await runPostgres("psql", ["-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", superuser, "-f", ROLES], passwords)
  const url = (role = OWNER) => `postgres://${role}:${PASSWORD}@127.0.0.1:${server.port}/${DATABASE}`

  return {
    url,
    async migrate() {
      await migrateAll(url())
    },
    dump: (file) => runPostgres("pg_dump", ["-Fc", "-f", file, url()]),
    restore: (file) => runPostgres("pg_restore", ["--exit-on-error", "-1", "-d", url(), file]),
    stop: () => server.stop("SIGQUIT"),
  }
}
