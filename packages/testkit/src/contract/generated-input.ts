import assert from "node:assert/strict"
import { randomInt } from "node:crypto"
import { assertHeaders, type Call } from "./call.js"
import { schemaOf } from "./schema.js"
import { type ContractTarget, DIALECTS, HOSTILE_CANARY } from "./target.js"

/** How many generated requests each route gets; `npm run attack` asks for more. */
const ROUNDS = Number(process.env.ATTACK_ROUNDS ?? 6)

/** A random source that gives the same again for the same seed, so that a failure can be repeated. */
function randomOf(seed: number) {
  let state = seed
  return (below: number): number => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Random = ReturnType<typeof randomOf>

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random(items.length)] as Item

// SECURITY.md section 6.
const TEXTS = [
  "",
  " ",
  "\t\r\n",
  "\u0000",
  "a\u0000b",
  "\u001b[31m",
  "\u202egnp.exe",
  "\ufeff",
  "\u2028",
  "K\u212Aim@x.io",
  "ｋim@x.io",
  "mıke@x.io",
  "' or '1'='1",
  "1; select pg_sleep(9)--",
  "$(sleep 9)",
  "`id`",
  "<svg/onload=alert(1)>",
  "{{constructor.constructor('return this')()}}",
  "%s%n%x%p",
  "\r\nSet-Cookie: a=b",
  "a@x.io\r\nRCPT TO:<b@y.io>",
  "//evil.test/%2e%2e",
  "javascript:alert(1)",
  "../../../../etc/passwd",
  "file:///etc/passwd",
  "http://169.254.169.254/latest/meta-data",
  "00000000-0000-0000-0000-000000000000",
  "0000-00-00T00:00:00Z",
  "9999999999999999999",
  "1e999",
  "NaN",
  "null",
  "true",
  "[object Object]",
  "__proto__",
  "eyJhbGciOiJub25lIn0.e30.",
]
const VALUES: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { $ne: null },
  { length: 1 },
]
const HEADERS: [string, string[]][] = [
  [
    "authorization",
    [
      "Bearer",
      "Bearer null",
      "bearer\t x",
      "Basic Og==",
      "Digest x",
      "DPoP x",
      "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
  ],
  [
    "content-type",
    ['application/json;charset="utf-8";x=y', "application/json, text/plain", "application/xml", ";"],
  ],
  ["accept-language", ["*;q=9", "de-".repeat(300), "en\u00e9", ",,,,"]],
  ["x-client-id", ["__proto__", "movr' or 1=1", "x".repeat(4_000), "%00"]],
  ["idempotency-key", ["", "x", "y".repeat(500), "a b", "\u00ff\u00ff\u00ff\u00ff"]],
  ["x-request-id", ['{"level":60}', "x".repeat(3_000)]],
  ["expect", ["200-ok"]],
  ["range", ["bytes=0-0,-1"]],
  ["cookie", [`a=${"b".repeat(3_000)}`, "=;;=", "gatepost_device=%00"]],
  ["x-http-method-override", ["DELETE"]],
]

function anyValue(random: Random): unknown {
  const kind = random(6)
  if (kind === 0) return pick(random, VALUES)
  if (kind === 1) return pick(random, TEXTS).repeat(1 + random(3)) + HOSTILE_CANARY
  if (kind === 2) return Array.from({ length: random(40) }, () => pick(random, TEXTS))
  if (kind === 3) return Object.fromEntries([[pick(random, TEXTS), pick(random, VALUES)]])
  if (kind === 4)
    return String.fromCodePoint(...Array.from({ length: 1 + random(300) }, () => 1 + random(0xd7ff)))
  return pick(random, TEXTS)
}

/**
 * Throws generated requests at a route: any value in any member, any parameter, any header. Each is answered, by no
 * fault of ours, and tells nothing (SECURITY.md section 6).
 */
export async function survivesGeneratedInput(call: Call, target: ContractTarget): Promise<void> {
  if (call.dialect !== (target.dialects ?? DIALECTS)[0]) return
  const seed = Number(process.env.ATTACK_SEED ?? randomInt(2 ** 31))
  const random = randomOf(seed)
  const members = Object.keys(schemaOf(call.route.body).properties)
  const parameters = Object.keys(schemaOf(call.route.query).properties)

  for (let round = 0; round < ROUNDS; round++) {
    const input = await call.good()
    const headers: Record<string, string> = {}
    if (random(3) === 0) {
      const [name, values] = pick(random, HEADERS)
      headers[name] = Buffer.from(pick(random, values)).toString("latin1")
    }
    const body = { ...input.body }
    if (members.length > 0) body[pick(random, members)] = anyValue(random)
    const query = { ...input.query }
    if (random(2) === 0)
      query[pick(random, [...parameters, "x", "limit"])] = String(anyValue(random)).slice(0, 500)
    const params = { ...input.params }
    for (const name of Object.keys(params))
      if (random(2) === 0) params[name] = encodeURIComponent(pick(random, TEXTS).toWellFormed()) || "%20"

    const sent = `${JSON.stringify({ headers, body, query, params }).slice(0, 600)} (ATTACK_SEED=${seed})`
    const answer = await call.send({ ...(input.body && { body }), params, query }, headers)
    assert.ok(
      answer.status < 500 || answer.status === 503,
      `${sent}: ${answer.status} ${answer.text.slice(0, 300)}`,
    )
    // What Node itself refuses never came to be a request of ours.
    if (answer.status === 404 || answer.status === 417 || answer.headers["x-request-id"] === undefined)
      continue
    assertHeaders(answer)
    if (answer.status >= 400) call.assertRefused(answer, answer.status, sent)
  }
}
