import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { type RecipePostgres, recipePostgres } from "@gatepost/testkit"
import { inRoot } from "./support/root.js"

const PASSWORDS = Object.fromEntries(
  ["OWNER", "AUTH", "NOTIFICATIONS", "MAIL", "SOCIAL_BATTERY"].map((name) => [
    `POSTGRES_${name}_PASSWORD`,
    "a-test-password",
  ]),
)

describe("the roles of the recipes, on Debian's PostgreSQL", function () {
  this.timeout(60_000)
  let server: RecipePostgres

  before(async function () {
    server = await recipePostgres(this)
  })
  after(() => server?.stop())

  function psql(role: string, database: string, ...args: string[]): string {
    const url = new URL(server.url(role))
    url.pathname = database
    const { PATH } = process.env
    const all = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url.href, ...args]
    const { status, stderr } = spawnSync("psql", all, { env: { PATH, ...PASSWORDS }, encoding: "utf8" })
    return status === 0 ? "" : stderr
  }

  it("give nobody the right to make roles, or to run programs on the database's machine", () => {
    for (const statement of ["create role x", "grant pg_execute_server_program to gatepost_owner"])
      assert.match(
        psql("gatepost_owner", "gatepost", "-c", statement),
        /permission denied|must have admin option/,
      )
  })

  it("are made by a managed server's administrator, too, who is no superuser", async () => {
    const roles = ["owner", "auth", "notifications", "mail", "social_battery"].map(
      (name) => `gatepost_${name}`,
    )
    const anew = [
      "drop database gatepost",
      `drop role ${roles.join()}`,
      "create role administrator login createrole createdb",
      "create database gatepost owner administrator",
    ].flatMap((statement) => ["-c", statement])
    assert.equal(psql("postgres", "postgres", ...anew), "")
    assert.equal(psql("administrator", "gatepost", "-1", "-f", inRoot("infra/docker/roles.sql")), "")
    await server.migrate()
  })
})
