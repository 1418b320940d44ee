import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { Problem } from "@gatepost/http"
import fc from "fast-check"
import type { EmailMode, PushMode } from "#src/modules/preferences/preferences.types.js"
import { openInbox, type TestInbox } from "../../support/inbox.js"
import { type Change, createModel } from "./model.js"

// `INBOX_STEPS=1000000 npx mocha services/notifications/dist-test/inbox/model/*.test.js --timeout 0`
const STEPS = Number(process.env.INBOX_STEPS ?? 10_000)
const STEPS_PER_RUN = 250
const CATEGORIES = ["match", "news"]
const CHANGES = ["read", "unread", "seen", "archive", "unarchive", "snooze", "delete"] as const
const HOUR_MS = 3_600_000

type Step =
  | { kind: "send"; to: number; category: number; inHours: number; lifeHours: number | undefined }
  | { kind: "change"; user: number; change: Change; which: number; hours: number }
  | { kind: "mark all"; user: number }
  | { kind: "preference"; user: number; category: number; email: EmailMode; push: PushMode }
  | { kind: "elapse"; hours: number }
  | { kind: "settle" }

const hours = (max: number) => fc.integer({ min: 1, max })
const user = fc.nat({ max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      // One, the other, both or everyone.
      to: fc.nat({ max: 3 }),
      category: fc.nat({ max: 1 }),
      inHours: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, hours(4)),
      lifeHours: fc.option(hours(6), { nil: undefined }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      user,
      change: fc.constantFrom<Change>(...CHANGES),
      which: fc.nat({ max: 11 }),
      hours: hours(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mark all" as const), user }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("preference" as const),
      user,
      category: fc.nat({ max: 1 }),
      email: fc.constantFrom<EmailMode>("instant", "digest", "off"),
      push: fc.constantFrom<PushMode>("instant", "off"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("elapse" as const), hours: hours(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
)

describe("an inbox and its model", () => {
  let subjects: TestInbox[]

  // Two at once, each in a database of its own: one alone waits for PostgreSQL most of the time.
  before(async () => {
    subjects = await Promise.all([openInbox(), openInbox()])
  })
  after(() => Promise.all(subjects.map((subject) => subject.close())))

  it(`agree in count, lists and state over ${STEPS} random steps`, async function () {
    this.timeout(0)
    const steps = fc.array(step, { minLength: STEPS_PER_RUN, maxLength: STEPS_PER_RUN })
    const numRuns = Math.ceil(STEPS / STEPS_PER_RUN / subjects.length)
    const check = (subject: TestInbox) =>
      fc.assert(
        fc.asyncProperty(steps, (some) => run(subject, some)),
        { numRuns },
      )
    await Promise.all(subjects.map(check))
  })

  async function run(subject: TestInbox, steps: readonly Step[]): Promise<void> {
    await subject.db.query("truncate notifications.inboxes, notifications.broadcasts cascade")
    const users = [randomUUID(), randomUUID()]
    const model = createModel(users)
    for (const [index, step] of steps.entries()) {
      await take(subject, step, users, model)
      // What drifts stays wrong, so it need not be looked at each time.
      if (index % 6 === 5) {
        const counts = await Promise.all(users.map((user) => subject.inbox.countUnread(user)))
        assert.deepEqual(counts, users.map(model.count), `the counts after step ${index}`)
      }
      if (index % 11 === 10) await compareLists(subject, users[index % 2] ?? "", index, model)
    }
  }

  async function compareLists(
    subject: TestInbox,
    user: string,
    index: number,
    model: ReturnType<typeof createModel>,
  ) {
    const filter = {
      unread: index % 3 === 0,
      archived: index % 4 === 1,
      category: CATEGORIES[index % 5 === 4 ? index % 7 : 2],
    }
    const found: { id: string; isRead: boolean }[] = []
    const limit = index % 8 < 2 ? 7 : 50
    for (let cursor: string | undefined; ; ) {
      const page = await subject.inbox.list(user, filter, { limit, cursor })
      const items: { id: string; is_read: boolean }[] = JSON.parse(page.items)
      found.push(...items.map(({ id, is_read }) => ({ id, isRead: is_read })))
      cursor = page.nextCursor ?? undefined
      if (!cursor) break
    }
    assert.deepEqual(found, model.list(user, filter), `the list after step ${index}`)
  }

  async function take(
    subject: TestInbox,
    step: Step,
    users: readonly string[],
    model: ReturnType<typeof createModel>,
  ) {
    const { inbox } = subject
    // Half an hour early, so that whatever a run takes can't tell whether an hour has come.
    const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS - HOUR_MS / 2)
    if (step.kind === "send") {
      const { inHours, lifeHours } = step
      const category = CATEGORIES[step.category] ?? ""
      const to = [[users[0] ?? ""], [users[1] ?? ""], users, []][step.to] ?? []
      const ids = await subject.send(to, {
        category,
        sendAt: inHours > 0 ? at(inHours) : undefined,
        expiresAt: lifeHours === undefined ? undefined : at(inHours + lifeHours),
      })
      for (const [index, user] of (to.length > 0 ? to : users).entries()) {
        model.create(user, ids[index] ?? ids[0] ?? "", category, inHours, lifeHours)
      }
    } else if (step.kind === "change") {
      const user = users[step.user] ?? ""
      // The latest of both users', and so every so often a stranger's.
      const ids = users.flatMap((one) => model.ids(one).slice(-6))
      const id = ids[step.which % Math.max(1, ids.length)] ?? randomUUID()
      const isChanged = await change(inbox, user, id, step.change, at(step.hours))
      assert.equal(isChanged, model.change(user, id, step.change, step.hours), `${step.change} ${id}`)
    } else if (step.kind === "mark all") {
      await inbox.markAllRead(users[step.user] ?? "")
      model.markAllRead(users[step.user] ?? "")
    } else if (step.kind === "preference") {
      // The model knows nothing of it: whoever wants no mails has all of it in the inbox.
      const { email, push } = step
      const category = CATEGORIES[step.category] ?? ""
      await subject.preferences.change(users[step.user] ?? "", {
        categories: { [category]: { email, push } },
      })
    } else if (step.kind === "elapse") {
      await subject.elapse(step.hours)
      model.elapse(step.hours)
    } else await subject.settle()
  }

  async function change(
    inbox: TestInbox["inbox"],
    user: string,
    id: string,
    change: Change,
    until: Date,
  ): Promise<boolean> {
    try {
      if (change === "delete") await inbox.remove(user, id)
      else if (change === "snooze") await inbox.snooze(user, id, until)
      else await inbox.change(user, id, change)
      return true
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return false
      throw error
    }
  }
})
