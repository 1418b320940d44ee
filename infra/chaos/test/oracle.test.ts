import assert from "node:assert/strict"
import type { Sample, Verdict } from "#src/load/client.js"
import type { Acknowledged } from "#src/load/journal.js"
import { lostOf } from "#src/oracle/oracle.js"
import type { State } from "#src/oracle/state.js"
import { judge } from "#src/trouble.js"

const state = (more: Partial<State> = {}): State => ({
  accounts: new Map([["a@example.com", "a"]]),
  verified: new Set(["a"]),
  tokens: new Map([
    ["one", null],
    ["two", "one"],
  ]),
  consumed: new Set(["one"]),
  notifications: new Map([["n", "key"]]),
  mails: new Set(["verify-email a@example.com", "reset-password a@example.com"]),
  resets: new Set(["a"]),
  doubled: [],
  halves: [],
  ...more,
})

const acknowledged: Acknowledged[] = [
  { op: "register", id: "a", email: "a@example.com" },
  { op: "verify", id: "a" },
  { op: "login", id: "a", head: "one" },
  { op: "refresh", id: "a", spent: "one", head: "two" },
  { op: "forgot", email: "a@example.com" },
  { op: "reset", id: "a", password: "new" },
  { op: "send", id: "n", key: "key" },
]

describe("the oracle", () => {
  it("finds nothing lost where all that was acknowledged is there", () => {
    assert.deepEqual(lostOf(acknowledged, state()), [])
  })

  const losses: [string, Partial<State>, string][] = [
    ["an account", { accounts: new Map() }, "register"],
    ["a verification", { verified: new Set() }, "verify"],
    ["a session", { tokens: new Map([["two", "one"]]) }, "login"],
    ["a rotation", { consumed: new Set() }, "refresh"],
    ["a mail", { mails: new Set(["verify-email a@example.com"]) }, "forgot"],
    ["a new password", { resets: new Set() }, "reset"],
    ["a notification of that key", { notifications: new Map([["n", "another"]]) }, "send"],
  ]
  for (const [what, missing, op] of losses)
    it(`misses ${what}`, () => {
      const lost = lostOf(acknowledged, state(missing)).map((entry) => (JSON.parse(entry) as Acknowledged).op)
      assert.deepEqual(lost, [op])
    })
})

describe("the judge", () => {
  const sample = (verdict: Verdict, startedAt: number): Sample => ({
    ...{ op: "read", startedAt, ms: 10, verdict, told: "" },
  })
  const trouble = { from: 100, until: 200, allows: ["unavailable"] as const }

  it("lets pass what the trouble allows, while it lasts", () => {
    const { good, excused, wrong } = judge([sample("good", 0), sample("unavailable", 95)], [trouble])
    assert.deepEqual([good, excused, wrong], [1, 1, []])
  })

  it("lets nothing pass before, after, or that is not allowed", () => {
    const wrong = [
      sample("unavailable", 50),
      sample("unavailable", 201),
      sample("reset", 150),
      sample("wrong", 150),
    ]
    assert.deepEqual(judge(wrong, [trouble]).wrong, wrong)
  })
})
