import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { load } from "js-yaml"
import type { Deployment } from "kubernetes-types/apps/v1.js"
import { inRoot, readYaml } from "./support/root.js"
import { services } from "./support/services.js"

const FOLDERS = ["base", "migrate", "social-battery"]

interface Manifest {
  apiVersion: string
  kind: string
}

interface Kustomization {
  resources: string[]
  configMapGenerator?: { envs: string[] }[]
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
