import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type ChildServer, freePort, needs, serverFolder, startServer } from "@gatepost/testkit"
import type { Ingress } from "kubernetes-types/networking/v1.js"
import { inRoot, readText, readYaml } from "./support/root.js"
import { paths, services } from "./support/services.js"

const MISSING = "needs nginx: apt-get install nginx-light"

describe("the routes", () => {
  let nginx: ChildServer | undefined
  let url = ""

  before(async function () {
    needs(this, "nginx", ["-v"], MISSING)
    const folder = serverFolder("routes")
    chmodSync(folder, 0o755)
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const file = path.join(folder, "nginx.conf")
    writeFileSync(
      file,
      `pid ${folder}/nginx.pid; error_log stderr crit; events {}
       http { access_log off; include ${inRoot("infra/nginx/routes.conf")};
         server { listen 127.0.0.1:${port}; location / { return 200 $service; } } }`,
    )
    nginx = startServer("nginx", ["-c", file, "-g", "daemon off;"], folder)
    for (let tries = 0; tries < 100 && !(await fetch(url).catch(() => undefined)); tries++) await sleep(50)
  })

  after(() => nginx?.stop())

  it("of every nginx are those of the gateway of npm start", async () => {
    const served = Object.entries(paths).flatMap(([service, own]) =>
      own.flatMap((each) => [
        [each, service],
        [`${each}/`, service],
        [`${each}/42/read?x=/v1/auth`, service],
        [`${each}?limit=1`, service],
        // Nobody else's: what only begins so, or is written otherwise.
        [`${each}x`, "auth"],
        [`${each.toUpperCase()}`, "auth"],
        [`/x${each}`, "auth"],
        [`/v1/auth/login?next=${each}/`, "auth"],
      ]),
    )
    for (const [target, service] of [...served, ["/", "auth"], ["/oidc/token", "auth"]])
      assert.equal(await (await fetch(`${url}${target}`)).text(), service, target)
  })

  it("name a service that each recipe has an address for", () => {
    for (const file of [
      "infra/docker/gateway/nginx.conf",
      "infra/fly/gateway/nginx.conf",
      "infra/nginx/site.conf",
    ]) {
      const map = /map \$service \$upstream \{([^}]*)\}/.exec(readText(file))?.[1] ?? ""
      const named = [...map.matchAll(/^\s*([a-z-]+) \S+;$/gm)].map(([, name]) => name)
      assert.deepEqual(named.sort(), ["auth", ...Object.keys(paths)].sort(), file)
    }
  })

  it("of the Ingress are the same", () => {
    const [ingress] = readYaml<Ingress>("infra/kubernetes/base/ingress.yaml")
    const routes = ingress?.spec?.rules?.[0]?.http?.paths.map(({ path: prefix, pathType, backend }) => [
      prefix,
      pathType,
      backend.service?.name,
    ])
    const { "social-battery": example, ...own } = paths
    const expected = Object.entries(own).flatMap(([service, all]) =>
      all.map((each) => [each, "Prefix", service]),
    )
    assert.deepEqual(routes, [...expected, ["/", "Prefix", "auth"]])
    const overlay = readText("infra/kubernetes/social-battery/kustomization.yaml")
    assert.deepEqual(
      [...overlay.matchAll(/^ {10}path: (\S+)$/gm)].map(([, each]) => each),
      example,
    )
  })
})

describe("the nginx of each recipe", () => {
  const folder = serverFolder("configurations")
  const conf = (name: string, text: string) => {
    const home = path.join(folder, name)
    mkdirSync(home, { recursive: true })
    cpSync(inRoot("infra/nginx"), path.join(home, "gatepost"), { recursive: true })
    const file = path.join(home, "nginx.conf")
    writeFileSync(
      file,
      text.replaceAll(/\/tmp\/(?!gatepost)/g, `${home}/`).replaceAll("/etc/nginx/gatepost", "gatepost"),
    )
    return file
  }
  const check = (file: string) => {
    const { status, stderr } = spawnSync("nginx", ["-t", "-q", "-c", file], { encoding: "utf8" })
    assert.equal(status, 0, stderr)
  }

  before(function () {
    needs(this, "nginx", ["-v"], MISSING)
  })

  it("is understood by nginx: Docker's", () => {
    check(conf("docker", readText("infra/docker/gateway/nginx.conf")))
  })

  it("is understood by nginx: Fly's", () => {
    // Debian 12's nginx does not know ipv4=off yet.
    check(conf("fly", readText("infra/fly/gateway/nginx.conf").replace(" ipv4=off", "")))
  })

  it("is understood by nginx: the site of a server", function () {
    needs(this, "openssl", ["version"], "needs openssl")
    const files = ["-keyout", `${folder}/privkey.pem`, "-out", `${folder}/fullchain.pem`]
    spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=localhost",
      ...files,
    ])
    const site = readText("infra/nginx/site.conf")
      .replaceAll("DOMAINS", "auth.example.com")
      .replaceAll("/etc/gatepost/tls", folder)
      .replaceAll("/var/log/nginx", folder)
    check(conf("site", `pid /tmp/nginx.pid; error_log stderr crit; events {}\nhttp {\n${site}\n}`))
  })

  it("has the services' own ports", () => {
    for (const [service, own] of Object.entries(services)) {
      if (service === "mail-worker") continue
      const { PORT: port } = own.read({ ...LOCAL }) as { PORT: number }
      for (const file of ["infra/docker/gateway/nginx.conf", "infra/fly/gateway/nginx.conf"])
        assert.match(readText(file), new RegExp(`\\b${service}(\\.internal)?:${port};`), file)
      assert.match(readText("infra/nginx/site.conf"), new RegExp(`127\\.0\\.0\\.1:${port};`))
    }
  })
})

const SECRETS = [
  "KEY_ENCRYPTION",
  "REFRESH_TOKEN",
  "MAIL_ENCRYPTION",
  "IDEMPOTENCY",
  "COOKIE",
  "SERVICE_CLIENT",
]
const LOCAL = {
  PUBLIC_URL: "http://localhost:8000",
  DATABASE_URL: "postgres://localhost/gatepost",
  ...Object.fromEntries(
    SECRETS.map((name) => [`${name}_SECRET`, `${name}-a-secret-that-is-long-enough-for-all`]),
  ),
}
