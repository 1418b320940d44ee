import assert from "node:assert/strict"
import { assertHeaders, type Call, send } from "./call.js"
import type { ContractRoute, ContractTarget } from "./target.js"

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"]

// check 2, check 3
export async function answersGoodRequests(call: Call): Promise<void> {
  const answer = await call.send(await call.good())
  assert.equal(answer.status, call.route.success.status, answer.text)
  assertHeaders(answer)
  assert.match(String(answer.headers["content-type"]), /^application\/json\b/)
}

// check 9
export async function refusesOtherMethods(
  call: Call,
  target: ContractTarget,
  routes: readonly ContractRoute[],
): Promise<void> {
  const siblings = routes.filter(({ path }) => path === call.route.path)
  const known = siblings.map(({ method }) => method.toUpperCase())
  const path = call.pathOf(await call.good())
  for (const method of METHODS.filter((method) => !known.includes(method))) {
    const answer = await send(target.url, { method, path })
    call.assertRefused(answer, 405, method)
    const allowed = String(answer.headers.allow).split(", ")
    assert.deepEqual(allowed.filter((method) => method !== "HEAD").sort(), known.sort())
  }
}

export async function guardsItself(call: Call, target: ContractTarget): Promise<void> {
  const isForUsers = typeof call.route.access === "object" && !("service" in call.route.access)
  const [kind, other] = isForUsers ? (["user", "service"] as const) : (["service", "user"] as const)
  const token = await target.token(kind)
  const good = await call.good()
  const malformed = ["", "Bearer", "Bearer ", `Basic ${token}`, `Bearer ${token} ${token}`, `Bearer,${token}`]
  const broken = ["Bearer ..", "Bearer a.b.c", `Bearer ${token.slice(0, -5)}`, `Bearer ${"a".repeat(9_000)}`]
  for (const authorization of [undefined, ...malformed, ...broken, token]) {
    const answer = await call.send(good, { authorization })
    call.assertRefused(answer, 401, `Authorization: ${authorization?.slice(0, 40)}`)
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer realm="/)
  }
  const answer = await call.send(good, { authorization: `Bearer ${await target.token(other)}` })
  call.assertRefused(answer, 403, "the wrong kind of caller")
  assert.match(String(answer.headers["www-authenticate"]), /error="insufficient_scope"/)
}

// check 14
export async function refusesOtherSpellings(
  routes: readonly ContractRoute[],
  { url }: ContractTarget,
): Promise<void> {
  for (const { method, path } of routes) {
    const last = path.at(-1) ?? ""
    const encoded = `/v1${path.slice(0, -1)}%${last.charCodeAt(0).toString(16)}`
    const spellings = [`//v1${path}`, `/v1/${path}`, `/v1${path}/`, `/V1${path.toUpperCase()}`]
    for (const other of [...spellings, encoded, `/v1${path};x=1`, `/v1/.${path}`, `/v1/x/..${path}`]) {
      if (path.includes("{")) continue
      const answer = await send(url, { method: method.toUpperCase(), path: other })
      assert.equal(answer.status, 404, other)
      assertHeaders(answer)
    }
  }
}
