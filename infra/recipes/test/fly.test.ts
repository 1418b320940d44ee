import assert from "node:assert/strict"
import { existsSync, readdirSync, statSync } from "node:fs"
import path from "node:path"
import { parse } from "smol-toml"
import { inRoot, readText } from "./support/root.js"
import { paths } from "./support/services.js"

// https://fly.io/docs/reference/configuration/, those that are used here; `*` is a name of one's own.
const DOCUMENTED = new Set(
  `app primary_region kill_signal kill_timeout build.dockerfile deploy.release_command deploy.strategy processes.*
   env.* files.guest_path files.secret_name checks.*.type checks.*.port checks.*.path checks.*.interval
   checks.*.timeout checks.*.grace_period metrics.port metrics.path vm.size vm.memory http_service.internal_port
   http_service.force_https http_service.auto_stop_machines http_service.min_machines_running
   http_service.concurrency.type http_service.concurrency.soft_limit http_service.concurrency.hard_limit`.split(
    /\s+/,
  ),
)

const OWN_NAMES = ["env", "processes", "checks"]
const apps = readdirSync(inRoot("infra/fly")).filter((name) =>
  statSync(inRoot(`infra/fly/${name}`)).isDirectory(),
)
const readApp = (app: string) => parse(readText(`infra/fly/${app}/fly.toml`))

describe("the apps on Fly", () => {
  it("use keys that are documented", () => {
    for (const app of apps)
      assert.deepEqual(
        keysOf(readApp(app)).filter((key) => !DOCUMENTED.has(key)),
        [],
        app,
      )
  })

  it("are built from files that are there, seen from where their fly.toml is", () => {
    for (const app of apps) {
      const { dockerfile } = readApp(app).build as { dockerfile: string }
      assert.ok(existsSync(path.join(inRoot(`infra/fly/${app}`), dockerfile)), app)
    }
    const copied = [...readText("infra/fly/gateway/Dockerfile").matchAll(/^COPY (.*) \S+$/gm)]
    const files = copied.flatMap(([, sources = ""]) => sources.split(" "))
    for (const file of files) assert.ok(existsSync(inRoot(file)) && !isIgnored(file), file)
    assert.ok(isIgnored("infra/fly/README.md"))
  })

  it("are not public, but for the gateway, which knows the others by name", () => {
    const open = apps.filter((app) => "http_service" in readApp(app) || "services" in readApp(app))
    assert.deepEqual(open, ["gateway"])
    const conf = readText("infra/fly/gateway/nginx.conf")
    for (const app of ["auth", ...Object.keys(paths)])
      assert.ok(conf.includes(`${readApp(app).app}.internal:`), app)
  })

  it("migrate before a release: one of them", () => {
    const commands = apps.map((app) => (readApp(app).deploy as { release_command?: string }).release_command)
    assert.deepEqual(commands.filter(Boolean), ["node infra/docker/migrate.mjs"])
  })
})

/** Whether .dockerignore keeps it out of a build's context: of the lines for it or a folder above it, the last decides. */
function isIgnored(file: string): boolean {
  const lines = readText(".dockerignore").match(/^[^#\s].*/gm) ?? []
  const last = lines.findLast((line) => {
    const glob = line
      .replace("!", "")
      .replaceAll(".", "\\.")
      .replaceAll(/(\*\*\/)|\*/g, (_, any) => (any ? "(.*/)?" : "[^/]*"))
    return new RegExp(`^${glob}(/|$)`).test(file)
  })
  return last !== undefined && !last.startsWith("!")
}

function keysOf(table: object, prefix = ""): string[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const key = prefix + (OWN_NAMES.includes(prefix.slice(0, -1)) ? "*" : name)
    const tables = (Array.isArray(value) ? value : [value]).filter(
      (each) => each !== null && typeof each === "object",
    )
    return tables.length > 0 ? tables.flatMap((each) => keysOf(each, `${key}.`)) : [key]
  })
}
