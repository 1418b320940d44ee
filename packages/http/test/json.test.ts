import assert from "node:assert/strict"
import { Problem } from "@gatepost/http"
import fc from "fast-check"
import { parseJson } from "#src/json.js"

const parse = (text: string | Buffer) => parseJson(Buffer.from(text))

function refuses(text: string | Buffer): void {
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof Problem, String(error))
      assert.equal(error.code, "request.malformed")
      assert.ok(!String(error.detail).includes("canary"))
      return true
    },
    String(text).slice(0, 100),
  )
}

const nested = (depth: number, open = "[", close = "]") => `{"a":${open.repeat(depth)}${close.repeat(depth)}}`
const members = (count: number) => Array.from({ length: count }, (_, index) => `"m${index}":1`).join()

// checks 10 to 13, 20 and 21
describe("a strict reading of JSON", () => {
  it("takes what JSON.parse takes, as it takes it", () => {
    const name = fc
      .string({ unit: "grapheme" })
      .filter((text) => !/^__proto__$|^constructor$|^prototype$|\0/.test(text))
    const leaf = fc.oneof(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    )
    const inner = fc.oneof(leaf, fc.array(leaf, { maxLength: 5 }), fc.dictionary(name, leaf, { maxKeys: 5 }))
    fc.assert(
      fc.property(
        fc.dictionary(name, inner, { maxKeys: 8 }),
        fc.constantFrom(undefined, 2, "\t"),
        (value, space) => {
          const text = JSON.stringify(value, undefined, space)
          assert.deepEqual(parse(text), JSON.parse(text))
        },
      ),
    )
  })

  it("refuses what JSON.parse refuses, and quotes nothing of it", () => {
    for (const text of [
      "",
      " ",
      "{",
      "{'canary':1}",
      '{"a":canary}',
      '{"a":1,}',
      '{"a":1} canary',
      '{"a":NaN}',
    ])
      refuses(text)
    for (const text of [
      '{"a":01}',
      '{"a":"\n"}',
      '{"a":"\\x"}',
      "{/* canary */}",
      '{"a":undefined}',
      "\u00a0{}",
    ])
      refuses(text)
  })

  it("takes one object, and no other value", () => {
    for (const text of ["[]", '["canary"]', '"canary"', "1", "null", "true"]) refuses(text)
    assert.deepEqual(parse("{}"), {})
  })

  it("takes UTF-8 and nothing that only looks like it", () => {
    assert.deepEqual(parse('{"é":"👍"}'), { é: "👍" })
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      refuses(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]))
    }
    refuses(Buffer.from('{"a":1}', "utf16le"))
  })

  it("refuses NUL and half characters, in values and in names", () => {
    for (const part of ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800", "a\\ud83d"]) {
      refuses(`{"a":"${part}"}`)
      refuses(`{"${part}":1}`)
      refuses(`{"a":[{"b":"${part}"}]}`)
    }
    assert.deepEqual(parse('{"a":"\\ud83d\\udc4d\\u0001"}'), { a: "👍\u0001" })
  })

  it("refuses a member that comes twice, however it is written and wherever it stands", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '{"x":{"a":1,"b":2,"a":3}}',
      '{"x":[{"a":1,"a":2}]}',
    ])
      refuses(text)
    assert.deepEqual(parse('{"a":{"a":1},"b":[{"a":1},{"a":2}]}'), { a: { a: 1 }, b: [{ a: 1 }, { a: 2 }] })
  })

  it("refuses names that pollute, at every depth", () => {
    for (const name of ["__proto__", "constructor", "prototype", "\\u005f_proto__"]) {
      for (const text of [`{"${name}":1}`, `{"a":{"${name}":{}}}`, `{"a":[[{"${name}":null}]]}`])
        refuses(text)
    }
    assert.deepEqual(parse('{"a":"__proto__","__proto":1,"Constructor":2}'), {
      a: "__proto__",
      __proto: 1,
      Constructor: 2,
    })
  })

  it("takes eight levels and 64 members, and not one more", () => {
    assert.doesNotThrow(() => parse(nested(7)))
    refuses(nested(8))
    refuses(nested(8, '{"a":', "}").replace(/:}/g, ":1}"))
    refuses(`{"a":${"[".repeat(40_000)}`)
    refuses(nested(40_000))
    assert.doesNotThrow(() => parse(`{${members(64)}}`))
    refuses(`{${members(65)}}`)
    refuses(`{"a":[{${members(32)}},{${members(32)}}]}`)
  })
})
