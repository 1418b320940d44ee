import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import path from "node:path"
import { load, loadAll } from "js-yaml"
import type { Deployment } from "kubernetes-types/apps/v1.js"
import type { Job } from "kubernetes-types/batch/v1.js"
import type { ConfigMap } from "kubernetes-types/core/v1.js"
import type { Ingress, NetworkPolicy } from "kubernetes-types/networking/v1.js"
import { inRoot, readYaml } from "./support/root.js"
import { services } from "./support/services.js"

const FOLDERS = [
  "base",
  "migrate",
  "social-battery",
  ...["image", "migrate", "services"].map((name) => `overlay/${name}`),
]

interface Manifest {
  apiVersion: string
  kind: string
}

interface Kustomization {
  resources?: string[]
  configMapGenerator?: { envs: string[] }[]
  components?: string[]
  images?: unknown[]
  patches?: { patch: string }[]
}

// A module name and the type in it, of the types that are made from Kubernetes' own OpenAPI document.
const typeOf = ({ apiVersion, kind }: Manifest) => {
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`
  return `import("kubernetes-types/${group.replace(".k8s.io", "")}.js").${kind}`
}

const namesIn = (folder: string) => {
  const [kustomization] = readYaml<Kustomization>(`infra/kubernetes/${folder}/kustomization.yaml`)
  const { resources = [], configMapGenerator = [] } = kustomization ?? {}
  return [...resources, ...configMapGenerator.flatMap(({ envs }) => envs)]
}

const manifests = FOLDERS.flatMap((folder) =>
  namesIn(folder)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => readYaml<Manifest>(`infra/kubernetes/${folder}/${name}`)),
)

describe("the manifests for Kubernetes", () => {
  it("have no member that Kubernetes does not know, and lack none it needs", function () {
    this.timeout(60_000)
    const source = [
      ...manifests,
      ...readYaml<Manifest>("infra/kubernetes/namespace.yaml"),
      ...backends(),
    ].map((manifest) => `export const _: ${typeOf(manifest)} = ${JSON.stringify(manifest)}`)
    assert.deepEqual(faultsOf(source), [])
    // A check that finds nothing has to be one that could.
    const [first = ""] = source
    assert.match(
      faultsOf([first.replace('"replicas"', '"x"').replace('"selector"', '"selektor"')]).join(),
      /selektor/,
    )
  })

  it("are the files that the kustomizations name, all of them", () => {
    for (const folder of FOLDERS) {
      const there = readdirSync(inRoot(`infra/kubernetes/${folder}`)).filter(
        (name) => name !== "kustomization.yaml",
      )
      const named = namesIn(folder).filter((name) => !name.startsWith(".."))
      assert.deepEqual(there.sort(), named.sort(), folder)
    }
  })

  it("leave the image to one file, for the services and the migrations", () => {
    const having = (member: "images" | "components") =>
      FOLDERS.filter(
        (folder) => readYaml<Kustomization>(`infra/kubernetes/${folder}/kustomization.yaml`)[0]?.[member],
      )
    assert.deepEqual(having("images"), ["overlay/image"])
    assert.deepEqual(having("components"), ["overlay/migrate", "overlay/services"])
  })

  it("let the Ingress' controller, and nobody else, to what answers the certificate's authority", () => {
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy") as NetworkPolicy[]
    const [policy] = policies.filter(
      ({ spec }) => spec?.podSelector.matchLabels?.["acme.cert-manager.io/http01-solver"] === "true",
    )
    const publicApi = policies.find(({ metadata }) => metadata?.name === "public-api")
    const [rule] = policy?.spec?.ingress ?? []
    assert.deepEqual(rule?.ports, [{ port: 8089 }])
    assert.deepEqual(rule?.from, publicApi?.spec?.ingress?.[0]?.from)
  })

  // check 124
  it("have every service probed, unprivileged, and none of its secrets", () => {
    const deployments = manifests.filter(({ kind }) => kind === "Deployment") as Deployment[]
    assert.deepEqual(deployments.map(({ metadata }) => metadata?.name).sort(), Object.keys(services).sort())
    for (const { spec } of deployments) {
      const pod = spec?.template.spec
      const [container] = pod?.containers ?? []
      assert.equal(container?.readinessProbe?.httpGet?.path, "/readyz")
      assert.equal(container?.livenessProbe?.httpGet?.path, "/livez")
      assert.equal(pod?.securityContext?.runAsNonRoot, true)
      assert.equal(container?.securityContext?.readOnlyRootFilesystem, true)
    }
    assert.deepEqual(
      manifests.filter(({ kind }) => kind === "Secret"),
      [],
    )
  })
})

describe("the overlay for Kubernetes", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-kubernetes-"))
  const change = (file: string, from: string, to: string) => {
    const text = readFileSync(path.join(folder, file), "utf8")
    assert.ok(text.includes(from), file)
    writeFileSync(path.join(folder, file), text.replaceAll(from, to))
  }
  const built = (name: string) => {
    const all = ["kustomize", path.join(folder, "overlay", name)]
    const { status, stdout, stderr } = spawnSync("kubectl", all, { encoding: "utf8" })
    assert.equal(status, 0, stderr)
    return loadAll(stdout) as Manifest[]
  }
  const imagesOf = (all: Manifest[]) =>
    (all as (Deployment | Job)[]).flatMap(
      ({ spec }) => spec?.template?.spec?.containers.map(({ image }) => image) ?? [],
    )

  before(function () {
    // In no gate: Debian's kubectl is older than components.
    if (spawnSync("kubectl", ["version", "--client"]).error) this.skip()
    cpSync(inRoot("infra/kubernetes"), folder, { recursive: true })
  })
  after(() => rmSync(folder, { recursive: true }))

  it("has one place for the image, of the services and the migrations", () => {
    change("overlay/image/kustomization.yaml", "registry.example.com/gatepost", "ghcr.io/acme/gatepost")
    change("overlay/image/kustomization.yaml", "0.1.0", "1.2.3")
    const image = "ghcr.io/acme/gatepost:1.2.3"
    assert.deepEqual(imagesOf(built("migrate")), [image])
    assert.deepEqual(imagesOf(built("services")), [image, image, image])
    change("overlay/services/kustomization.yaml", "- ../../base", "- ../../social-battery")
    assert.deepEqual(imagesOf(built("services")), [image, image, image, image])
  })

  it("has one for the domain, and adds its settings to those of base", () => {
    change("overlay/services/kustomization.yaml", "auth.example.com", "auth.acme.test")
    change("overlay/services/gatepost.env", "auth.example.com", "auth.acme.test")
    const all = built("services")
    const { spec } = all.find(({ kind }) => kind === "Ingress") as Ingress
    assert.deepEqual([spec?.rules?.[0]?.host, spec?.tls?.[0]?.hosts], ["auth.acme.test", ["auth.acme.test"]])
    const { data } = all.find(({ kind }) => kind === "ConfigMap") as ConfigMap
    assert.equal(data?.PUBLIC_URL, "https://auth.acme.test")
    assert.equal(data?.NODE_ENV, "production")
    assert.equal(JSON.stringify(all).includes("auth.example.com"), false)
  })
})

/** The Ingress with what the patch of the example puts in. */
function backends(): Manifest[] {
  const [overlay] = readYaml<Kustomization>("infra/kubernetes/social-battery/kustomization.yaml")
  const [{ value: added }] = load(overlay?.patches?.[0]?.patch ?? "") as [{ value: unknown }]
  const spec = { rules: [{ http: { paths: [added] } }] }
  return [{ apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec } as Manifest]
}

/** Type-checks, where literals may have no member too many. */
function faultsOf(source: string[]): string[] {
  // Where the types are found from.
  const folder = mkdtempSync(inRoot("infra/recipes/dist-test/manifests-"))
  const files = source.map((text, index) => {
    const file = path.join(folder, `${index}.ts`)
    writeFileSync(file, text)
    return file
  })
  const { tsc } = createRequire(import.meta.url)("typescript/package.json").bin as { tsc: string }
  const { stdout } = spawnSync(
    process.execPath,
    [
      inRoot(path.join("node_modules/typescript", tsc)),
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--ignoreConfig",
      "--types",
      "",
      ...files,
    ],
    { encoding: "utf8", cwd: folder },
  )
  rmSync(folder, { recursive: true })
  return stdout.split("\n").filter((line) => line.includes("error"))
}
