import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

// From dist-test/oidc/conformance, where this runs.
const TESTS = fileURLToPath(new URL("../../../test/oidc/conformance/", import.meta.url))
const TABLES = fileURLToPath(new URL("../../../../../docs/oidc-conformance.md", import.meta.url))
const ROW = /^\| (`.*`) \| .*?`([\w-]+\.test\.ts)`.* \|/
const MODULE = /oidcc-[\w-]+/g
const COMMENT = /^\s*\/\//

describe("docs/oidc-conformance.md", () => {
  it("names each module that a test is titled with, beside its file, and no other", () => {
    const told = linesOf(TABLES).flatMap((line) => {
      const [, modules = "", file = ""] = ROW.exec(line) ?? []
      return named(file, modules)
    })
    const files = readdirSync(TESTS).filter((file) => file !== "table.test.ts")
    const titled = files.flatMap((file) =>
      linesOf(TESTS + file).flatMap((line) => (COMMENT.test(line) ? [] : named(file, line))),
    )
    assert.ok(titled.length > 40, `${titled.length}`)
    assert.deepEqual(unique(told), unique(titled))
  })
})

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n")

const named = (file: string, text: string) => (text.match(MODULE) ?? []).map((name) => `${file}: ${name}`)

const unique = (items: string[]) => [...new Set(items)].sort()
