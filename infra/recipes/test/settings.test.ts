import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { loadAll } from "js-yaml"
import type { Deployment } from "kubernetes-types/apps/v1.js"
import type { Secret } from "kubernetes-types/core/v1.js"
import { parse } from "smol-toml"
import { assignmentsOf, inRoot, readText, readYaml } from "./support/root.js"
import { flyStandIn, GIVEN } from "./support/secrets.js"
import { OTHER_NAMES, services } from "./support/services.js"

type Environment = Record<string, string>

const PATH = process.env.PATH ?? ""

/** What docker-compose.yml gives a service, beside what it gives all. */
function onDocker(service: string): string[] {
  const [compose] = readYaml<{ services: Record<string, { environment?: Environment }> }>(
    "docker-compose.yml",
  )
  return Object.keys(compose?.services[service]?.environment ?? {}).filter((name) => name !== "<<")
}

/** A service starts in production with these settings, and knows every one of them. */
function assertStarts(service: string, env: Environment, alsoKnown: string[] = []): void {
  const known = services[service]
  assert.ok(known, service)
  assert.equal(env.NODE_ENV, "production")
  assert.doesNotThrow(() => known.read(env), service)
  const strangers = Object.keys(env).filter(
    (name) => ![...known.names, "NODE_ENV", ...alsoKnown].includes(name),
  )
  assert.deepEqual(strangers, [], `${service} does not know`)
  const missing = onDocker(service).filter((name) => env[name] === undefined)
  assert.deepEqual(missing, [], `${service} has no`)
}

function run(command: string, args: string[], env: Environment, cwd?: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { PATH, ...env },
    cwd,
    encoding: "utf8",
  })
  assert.equal(status, 0, stderr)
  return stdout
}

describe("the settings of each recipe start the services in production", () => {
  it("on Kubernetes", () => {
    const manifests = loadAll(run(inRoot("infra/kubernetes/make-secrets.sh"), [], GIVEN)) as Secret[]
    const secrets = new Map(manifests.map(({ metadata, stringData }) => [metadata?.name, stringData ?? {}]))
    const common = assignmentsOf(
      readText("infra/kubernetes/base/gatepost.env") +
        readText("infra/kubernetes/overlay/services/gatepost.env"),
    )
    for (const service of Object.keys(services)) {
      const folder = service === "social-battery" ? "social-battery" : "base"
      const [deployment] = readYaml<Deployment>(`infra/kubernetes/${folder}/${service}.yaml`)
      const own = deployment?.spec?.template.spec?.containers[0]?.env ?? []
      const env = Object.fromEntries(own.map(({ name, value = "" }) => [name, value]))
      const given = { ...common, ...secrets.get(service), ...env }
      assertStarts(service, given, Object.keys(common))
    }
    for (const name of Object.keys(common))
      assert.ok(
        [...OTHER_NAMES, ...Object.values(services).flatMap((each) => each.names)].includes(name),
        name,
      )
    assert.deepEqual(Object.keys(secrets.get("migrate") ?? {}), [
      "MIGRATION_DATABASE_URL",
      "REDIS_URL",
      "EXAMPLES",
    ])
  })

  it("on Fly", () => {
    const fly = flyStandIn()
    after(fly.remove)
    run(inRoot("infra/fly/set-secrets.sh"), [], { ...GIVEN, PATH: fly.path }, fly.newFolder())
    for (const service of Object.keys(services)) {
      const toml = parse(readText(`infra/fly/${service}/fly.toml`)) as { app: string; env: Environment }
      const secrets = fly.secretsOf(toml.app)
      const ports = { METRICS_PORT: "9090" }
      // The release command's, and the file's.
      const others = service === "auth" ? ["MIGRATION_DATABASE_URL", "EXAMPLES", "APPS_JSON"] : []
      assertStarts(service, { ...ports, ...toml.env, ...secrets }, others)
    }
  })

  it("on a server", () => {
    // Its functions, without what it does.
    const script = readText("infra/systemd/setup-server.sh").replace(/^parse "\$@"[\s\S]*/m, "")
    const given = {
      ...GIVEN,
      ...Object.fromEntries(
        [...script.matchAll(/\b[A-Z_]+_SECRET\b/g)].map(([name]) => [
          name,
          `${name}-long-enough-to-be-a-secret-indeed`,
        ]),
      ),
      VAPID_PRIVATE_KEY: randomBytes(32).toString("base64url"),
      PUBLIC_URL: "https://auth.example.com",
    }
    const call = `${script}\nDRY_RUN=1\nAPPS=${GIVEN.APPS}\nenvironment_of "$1"`
    for (const service of Object.keys(services)) {
      const env = assignmentsOf(run("bash", ["-c", call, inRoot("infra/systemd/x"), service], given))
      assertStarts(service, env, ["JWKS_URL", "PUBLIC_URL"])
    }
    assert.equal(assignmentsOf(run("bash", ["-c", call, "x", "auth"], given)).DEFAULT_APP, "jobswipe")
  })

  it("are known to the services on Docker, too", () => {
    for (const [service, { names }] of Object.entries(services))
      assert.deepEqual(
        onDocker(service).filter((name) => !names.includes(name)),
        [],
        service,
      )
  })
})
