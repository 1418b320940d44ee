import assert from "node:assert/strict"
import fc from "fast-check"
import { parseStrictObject } from "#src/strict-json.js"

const encode = (text: string) => Buffer.from(text).toString("base64url")

/** Objects as attackers would nest and name them, but for the names that are refused. */
const objects = fc.dictionary(
  fc.string().filter((name) => !["__proto__", "constructor", "prototype"].includes(name)),
  fc
    .jsonValue({ maxDepth: 3 })
    .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value))),
  { noNullPrototype: true },
)

describe("strict JSON", () => {
  it("reads every unambiguous object as JSON.parse does", () => {
    fc.assert(
      fc.property(objects, fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, undefined, indent)
        assert.deepEqual(parseStrictObject(encode(text), "payload"), JSON.parse(text))
      }),
    )
  })

  it("refuses what is no object", () => {
    for (const text of ["[]", "null", "1", '""', "true", "", "{", "{}x", "\ufeff{}"]) {
      assert.throws(() => parseStrictObject(encode(text), "payload"), { code: "token_invalid" }, text)
    }
  })

  it("refuses any object in which any member stands twice", () => {
    fc.assert(
      fc.property(objects, fc.string(), fc.jsonValue({ maxDepth: 2 }), (object, name, value) => {
        const member = `${JSON.stringify(name)}: ${JSON.stringify(value)}`
        const rest = JSON.stringify(object).slice(1, -1)
        const text = `{"outer":[{${[member, rest, member].filter(Boolean).join(",")}}]}`
        assert.throws(() => parseStrictObject(encode(text), "payload"), { code: "token_invalid" })
      }),
    )
  })
})
