import assert from "node:assert/strict"
import { brotliCompressSync, gzipSync } from "node:zlib"
import type { Call } from "./call.js"
import { isOfType, mapValues, schemaOf } from "./schema.js"
import { tablesWith, unchanged } from "./stored.js"
import { CANARY, type ContractTarget, DIALECTS, HOSTILE_CANARY } from "./target.js"

/** 10 MB of spaces, packed; made when they are first asked for. */
const bombs: [string, Buffer][] = []

// check 10, check 11
export async function refusesOtherBodies(call: Call, target: ContractTarget): Promise<void> {
  const input = await call.good()
  const text = JSON.stringify({ ...input.body, note: CANARY })
  const types = [
    undefined,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
    "application/jsonp",
    "application",
  ]
  await unchanged(target, async () => {
    for (const type of types) {
      const answer = await call.send({ ...input, raw: text }, { "content-type": type })
      call.assertRefused(answer, 415, `Content-Type: ${type}`)
    }
    const encoded = await call.send({ ...input, raw: text }, { "content-encoding": "x-secret" })
    call.assertRefused(encoded, 415, "an unknown Content-Encoding")

    call.assertRefused(await call.send({ ...input, raw: Buffer.alloc(1_000_000, " ") }), 413, "1 MB")
    if (bombs.length === 0) {
      const spaces = Buffer.alloc(10_000_000, " ")
      bombs.push(["gzip", gzipSync(spaces)], ["br", brotliCompressSync(spaces)])
    }
    for (const [coding, bomb] of bombs) {
      const answer = await call.send({ ...input, raw: bomb }, { "content-encoding": coding })
      call.assertRefused(answer, 413, `10 MB in ${bomb.length} bytes of ${coding}`)
    }
  })
}

// checks 10 to 13, 20 and 21
export async function refusesUnfitJson(call: Call, target: ContractTarget): Promise<void> {
  const input = await call.good()
  const members = Object.entries(input.body ?? {})
  const inner = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
  const bodies: (string | Buffer)[] = [
    ...["", "[]", `["${CANARY}"]`, `"${CANARY}"`, "null", "1", "NaN", "{", `{"password":"${CANARY}" "x"`],
    ...[`{${inner},}`, `{${inner}} ${CANARY}`, `{${inner},"x":NaN}`, `{${inner}/*${CANARY}*/}`, `{'a':1}`],
    ...members.map(([name, value]) => `{${inner},${JSON.stringify(name)}:${JSON.stringify(value)}}`),
    ...["__proto__", "constructor", "prototype"].flatMap((name) => [
      `{${inner},"${name}":{"role":"admin"}}`,
      `{${inner},"x":[{"y":{"${name}":1}}]}`,
      `{${inner},"\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}":1}`,
    ]),
    ...["[".repeat(7_000), `{${inner},"x":${deep(3_500)}}`, `{${inner},"x":${deep(8)}}`],
    `{${inner},${Array.from({ length: 70 }, (_, index) => `"x${index}":1`).join()}}`,
    ...[`{${inner},"x\\u0000":1}`, `{${inner},"x\\ud800":1}`, `{${inner},"x":"\\udc00"}`],
    Buffer.concat([Buffer.from(`{${inner},"x":"`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    Buffer.from(`\ufeff{${inner}}`, "utf16le"),
  ]
  await unchanged(target, async () => {
    for (const raw of bodies) {
      call.assertRefused(await call.send({ ...input, raw }), 400, `the body ${String(raw).slice(0, 200)}`)
    }
    // 413 where the call takes no such body at all.
    const nested = await call.send({ ...input, raw: "[".repeat(40_000) })
    call.assertRefused(nested, nested.status === 413 ? 413 : 400, "40,000 nested arrays")
  })
}

// check 12, check 16, check 21
export async function refusesWrongMembers(call: Call, target: ContractTarget): Promise<void> {
  const input = await call.good()
  const { properties, required } = schemaOf(call.route.body)
  const anything = [null, true, 1, -1, 1.5, "x".repeat(12_000), "\0", "a\0b", ["x"], [], {}, { $gt: "" }]
  await unchanged(target, async () => {
    for (const [name, member] of Object.entries(properties)) {
      for (const value of anything.filter((value) => !isOfType(value, member))) {
        const answer = await call.send({ ...input, body: { ...input.body, [name]: value } })
        call.assertRefused(answer, 400, `${name}: ${JSON.stringify(value).slice(0, 40)}`)
      }
      const half = JSON.stringify({ ...input.body, [name]: CANARY }).replace(CANARY, "a\\ud800b")
      call.assertRefused(await call.send({ ...input, raw: half }), 400, `${name}: half a character`)
      const [head = "", tail = ""] = JSON.stringify({ ...input.body, [name]: CANARY }).split(CANARY)
      const raw = Buffer.concat([Buffer.from(head), Buffer.from([0x61, 0xff]), Buffer.from(tail)])
      call.assertRefused(await call.send({ ...input, raw }), 400, `${name}: invalid UTF-8`)
      if (!required.includes(name)) continue
      const { [name]: _, ...rest } = input.body ?? {}
      call.assertRefused(await call.send({ ...input, body: rest }), 400, `${name} is absent`)
    }
  })
}

const HOSTILE = [
  "' or '1'='1",
  "'; drop schema auth cascade; --",
  "<script>alert(1)</script>",
  `{{7*7}} \${7*7} %{7*7}`,
  "%s%n%x%999999d",
  "../../../etc/passwd",
  "a@x.io\r\nBcc: b@y.io",
  `${"a".repeat(64)}!`,
  `a@${"a.".repeat(126)}`,
  "ｋim@x.io",
  "\u202egnp.exe",
]

/** Where a text is free, such as in a password, it is taken; nowhere does it do anything. Check 22. */
export async function survivesHostileTexts(call: Call, target: ContractTarget): Promise<void> {
  const dialects = target.dialects ?? DIALECTS
  for (const [name, { type }] of Object.entries(schemaOf(call.route.body).properties)) {
    if (type !== "string") continue
    const turn = dialects.indexOf(call.dialect)
    for (const text of HOSTILE.filter((_, index) => index % dialects.length === turn)) {
      const input = await call.good()
      const answer = await call.send({ ...input, body: { ...input.body, [name]: text + HOSTILE_CANARY } })
      assert.ok(answer.status < 500, `${name}: ${text} gave ${answer.status}`)
      if (answer.status >= 400) call.assertRefused(answer, answer.status, `${name}: ${text}`)
    }
  }
}

// check 19: what the client may not say, it may not say.
export async function ignoresUnknownMembers(call: Call, target: ContractTarget): Promise<void> {
  const input = await call.good()
  const unknown = { role: CANARY, roles: [CANARY], isAdmin: CANARY, is_admin: true, created_at: CANARY }
  const answer = await call.send({ ...input, body: { ...unknown, extra: { deep: [CANARY] }, ...input.body } })
  assert.equal(answer.status, call.route.success.status, answer.text)
  assert.ok(!answer.text.includes(CANARY))
  assert.deepEqual(await tablesWith(target.db, CANARY), [])
}

// check 13, check 17, check 20, check 21
export async function refusesUnfitParameters(call: Call, target: ContractTarget): Promise<void> {
  const input = await call.good()
  const path = call.pathOf(input)
  const separator = path.includes("?") ? "&" : "?"
  const queries = ["x=1&x=2", "x=%00", "__proto__=1", "__proto__[role]=admin", "constructor[x]=1", "x=a%00b"]
  const names = Object.keys(schemaOf(call.route.query).properties)
  const wrongQueries = names.flatMap((name) => [
    `${name}=`,
    `${name}=a&${name}=b`,
    `${name}=${"x".repeat(4_000)}`,
  ])
  const pathOf = (value: string) => call.pathOf({ params: mapValues(input.params ?? {}, () => value) })
  const wrongPaths = ["%00", "a%00b", "%", "%ff", "%ED%A0%80", "x".repeat(600), "'%20or%201=1--", "__proto__"]

  await unchanged(target, async () => {
    for (const query of [...queries, ...wrongQueries]) {
      const answer = await call.send(input, {}, path + separator + query)
      call.assertRefused(answer, 400, `?${query.slice(0, 100)}`)
    }
    for (const value of call.route.params ? wrongPaths : []) {
      call.assertRefused(
        await call.send(input, {}, pathOf(value)),
        400,
        `the path parameter ${value.slice(0, 100)}`,
      )
    }
  })
}
