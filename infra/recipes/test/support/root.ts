import { readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { loadAll } from "js-yaml"

/** The folder of this clone of the repository. */
export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url))

export const inRoot = (file: string): string => path.join(ROOT, file)

export const readText = (file: string): string => readFileSync(inRoot(file), "utf8")

/** The documents of a YAML file. */
export const readYaml = <Document>(file: string): Document[] =>
  loadAll(readText(file)).filter((document) => document !== null) as Document[]

/** The assignments of a file of `NAME=value` lines, quotes off. */
export const assignmentsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:'(.*)'|(.*))$/gm)].map(([, name, quoted, plain]) => [
      name,
      quoted ?? plain ?? "",
    ]),
  )
