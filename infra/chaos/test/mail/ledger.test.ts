import assert from "node:assert/strict"
import { readArguments } from "#src/mail/arguments.js"
import { brokenInvariants } from "#src/mail/invariants.js"
import { type LedgerRow, tally } from "#src/mail/ledger.js"
import { createRandom } from "#src/random.js"

const row = (more: Partial<LedgerRow> = {}): LedgerRow => ({
  id: "1",
  messageId: "<1@x>",
  policy: "resend",
  state: "sent",
  doubts: 0,
  late: false,
  overdue: false,
  ...more,
})
const facts = (rows: LedgerRow[], copies: [string, string[]][], recipients: string[] = []) => ({
  rows,
  posted: new Set(["1"]),
  arrived: new Map(copies),
  recipients: new Set(recipients),
})

// A run that counts wrongly would pass whatever the pipeline does.
describe("the count after a run", () => {
  const cases: [string, ReturnType<typeof facts>, RegExp][] = [
    ["a mail that vanished", facts([], []), /^I1 every/],
    ["a mail without an end", facts([row({ state: "claimed" })], []), /^I1, I8/],
    [
      "news that came twice",
      facts([row({ policy: "once", doubts: 1 })], [["<1@x>", ["a", "a"]]]),
      /^I2 once/,
    ],
    ["a code that came twice for no reason", facts([row()], [["<1@x>", ["a", "a"]]]), /^I2 resend/],
    ["a mail that is sent and never came", facts([row()], []), /^I3 what is sent/],
    [
      "one that came and is said to have expired",
      facts([row({ state: "expired" })], [["<1@x>", ["a"]]]),
      /^I3 what arr/,
    ],
    ["one that left after its time", facts([row({ late: true })], [["<1@x>", ["a"]]]), /^I4/],
    ["copies that differ", facts([row({ doubts: 1 })], [["<1@x>", ["a", "b"]]]), /^I5/],
    [
      "one that was taken back",
      facts([row()], [["<1@x>", ["a"]]], ["taken-back-1@x"]),
      /^I6 nothing arrives that was t/,
    ],
    [
      "one that nobody wrote",
      facts(
        [row()],
        [
          ["<1@x>", ["a"]],
          ["<2@x>", ["a"]],
        ],
      ),
      /^I6 nothing arrives that was n/,
    ],
  ]
  for (const [what, found, rule] of cases) {
    it(`finds ${what}`, () => {
      const broken = brokenInvariants(found)
      assert.ok(broken.some((each) => rule.test(each.rule)))
    })
  }

  it("finds nothing where all is well", () => {
    const rows = [row(), row({ id: "2", messageId: "<2@x>", policy: "once", state: "uncertain", doubts: 1 })]
    assert.deepEqual(brokenInvariants(facts(rows, [["<1@x>", ["a"]]])), [])
  })

  it("tells what is lost from what is listed, and counts second copies by policy", () => {
    const rows = [
      row({ doubts: 1 }),
      row({ id: "2", messageId: "<2@x>" }),
      row({ id: "3", messageId: "<3@x>", policy: "once", state: "uncertain", doubts: 1 }),
      row({ id: "4", messageId: "<4@x>", state: "expired", overdue: true }),
      row({ id: "6", messageId: "<6@x>", state: "closed_uncertain", doubts: 1, overdue: true }),
      row({ id: "5", messageId: "<5@x>", policy: "once" }),
    ]
    const arrived = new Map([
      ["<1@x>", ["a", "a"]],
      ["<5@x>", ["b", "b"]],
    ])
    assert.deepEqual(tally(rows, new Set(["1", "9"]), arrived), {
      mails: 6,
      lost: 2,
      doubledOnce: 1,
      doubledResend: 1,
      uncertain: 3,
      listed: 2,
      listedUnarrived: 2,
      listedOverdue: 1,
      expired: 1,
    })
  })

  it("chooses the same victims for the same seed", () => {
    const numbers = (seed: number) => Array.from({ length: 5 }, createRandom(seed).next)
    assert.deepEqual(numbers(7), numbers(7))
    assert.notDeepEqual(numbers(7), numbers(8))
  })

  it("says what it does not understand", () => {
    assert.throws(() => readArguments(["--scale", "2"]), /--scale/)
    assert.throws(() => readArguments(["--only", "rain"]), /there is no rain/)
    assert.throws(() => readArguments(["--seed", "x"]), /--seed/)
  })
})
