import assert from "node:assert/strict"
import { userInfo } from "node:os"
import { createClaims } from "@gatepost/mail-queue"
import { newId } from "@gatepost/runtime"
import { readOrder } from "#src/command/orders.js"
import { type Desk, desk } from "./support/desk.js"
import { runMail } from "./support/mail-command.js"
import { secret } from "./support/setup.js"

describe("the command for mails", function () {
  // A process per order.
  this.timeout(60_000)
  let office: Desk
  before(async () => {
    office = await desk()
  })
  after(() => office.close())

  const run = (...args: string[]) => runMail(office.databaseUrl, args)

  const json = async (...args: string[]) => {
    const { code, output, errors } = await run(...args, "--json")
    assert.equal(code, 0, errors)
    return JSON.parse(output)
  }

  const tried = async (end: "failed" | "uncertain", recipient = "jane@example.com") => {
    const claims = createClaims(office)
    const id = await office.enqueue({ recipient })
    await office.query("update mail.messages set policy = 'once' where id = ?", [id])
    const claim = await claims.claim(id)
    assert.ok(claim)
    if (end === "failed") await claims.markFailed(claim, "SMTP 554 \u001b[2J")
    else {
      await claims.handOff(claim, { transport: "smtp.example.com", idempotent: false })
      await claims.markUncertain(claim, "SMTP ETIMEDOUT")
    }
    return id
  }

  async function assertRefused(args: string[], words: RegExp, code = 1, databaseUrl = office.databaseUrl) {
    const before = await office.query("select * from mail.events order by number")
    const result = await runMail(databaseUrl, args)
    assert.equal(result.code, code, args.join(" "))
    assert.match(result.errors, words)
    assert.doesNotMatch(result.errors, /\n {4}at /)
    assert.equal(result.output, "")
    assert.deepEqual(await office.query("select * from mail.events order by number"), before)
  }

  it("lists mails by what is asked, page by page, and shows no control character", async () => {
    const failed = await tried("failed", "Kim@example.com")
    const queued = await office.enqueue()
    const ids = async (...args: string[]) =>
      (await json("list", ...args)).items.map(({ id }: { id: string }) => id)

    assert.deepEqual(await ids(), [queued, failed])
    assert.deepEqual(await ids("--state", "failed_permanent"), [failed])
    assert.deepEqual(await ids("--recipient", "kim@EXAMPLE.com", "--lane", "otp"), [failed])
    assert.deepEqual(await ids("--lane", "bulk"), [])
    assert.deepEqual(await ids("--since", "1h"), [queued, failed])
    assert.deepEqual(await ids("--since", "2999-01-01T00:00Z"), [])
    const page = await json("list", "--limit", "1")
    assert.deepEqual(await ids("--limit", "1", "--before", page.next_cursor), [failed])

    const { output } = await run("list", "--limit", "2")
    const [head, first, second, ...rest] = output.trimEnd().split("\n")
    assert.match(String(head), /^id +state +lane +kind +recipient +tries +written +last word$/)
    assert.match(String(first), new RegExp(`^${queued}  queued `))
    assert.match(String(second), new RegExp(`^${failed}  failed_permanent .*SMTP 554 \\?\\[2J$`))
    assert.deepEqual(rest, ["", `There may be more: the same with --before ${failed}`])
  })

  // Check 106.
  it("shows a mail's timeline, and nothing of what it says", async () => {
    const id = await tried("uncertain")
    const { timeline, state, sendable } = await json("show", id)
    assert.deepEqual([state, sendable], ["uncertain", true])
    assert.deepEqual(
      timeline.map(({ to }: { to: string }) => to),
      ["queued", "claimed", "handing_off", "uncertain"],
    )
    const { output } = await run("show", id)
    assert.match(output, /handing_off +uncertain +SMTP ETIMEDOUT/)
    assert.ok(!(output + JSON.stringify(await json("show", id))).includes(secret))
  })

  it("sends again what was given up or is uncertain, says what it means, and who did it", async () => {
    const failed = await run("retry", await tried("failed"))
    assert.match(failed.output, /^The mail is sent again\. No server took it before/)
    const id = await tried("uncertain")
    assert.equal((await json("retry", id)).may_double, true)
    const { timeline } = await json("show", id)
    assert.equal(timeline.at(-1).detail, `sent again by ${userInfo().username}, by command`)
    await assertRefused(["retry", id], /^The mail is queued: it goes on by itself\. Nothing was done\.\n$/)
  })

  it("closes an uncertain mail", async () => {
    const id = await tried("uncertain")
    assert.equal((await run("close", id)).output, "The mail is closed.\n")
    await assertRefused(["close", id], /^The mail is closed_uncertain, not uncertain: nothing was done\.\n$/)
    await assertRefused(["retry", id], /^The mail's time is over/)
  })

  it("keeps an address from getting mail, lets it again, and remembers who did", async () => {
    assert.equal(
      (await run("suppress", "Eve@example.com", "--detail", "asked for it")).output,
      "eve@example.com gets no mail any more.\n",
    )
    assert.match((await run("suppressions")).output, /^eve@example\.com +operator .*for good +asked for it$/m)
    const id = await office.enqueue({ recipient: "EVE@example.com" })
    assert.equal(await createClaims(office).claim(id), undefined)
    assert.match((await run("unsuppress", "EVE@example.com")).output, /^eve@example\.com gets mail again\./)
    assert.match((await run("retry", id)).output, /^The mail is sent, unless its address is suppressed still/)

    const { current, history } = await json("suppressions", "eve@example.com")
    assert.equal(current, null)
    const by = `${userInfo().username}, by command`
    assert.deepEqual(
      history.map((event: Record<string, string>) => [event.action, event.by, event.detail]),
      [
        ["suppressed", by, "asked for it"],
        ["unsuppressed", by, null],
      ],
    )
    await assertRefused(["unsuppress", "eve@example.com"], /^eve@example\.com is not suppressed: nothing was/)
  })

  it("refuses what it can't do, in one line, and changes nothing", async () => {
    const id = newId()
    await assertRefused(["retry", id], new RegExp(`^There is no mail ${id}: nothing was done\\.\n$`))
    await assertRefused(["show"], /^Which mail\?\nusage: npm run mail/, 2)
    await assertRefused(["list"], /^The database of DATABASE_URL does not/, 1, "postgres://x@127.0.0.1:1/x")
  })

  it("says what it does not understand", () => {
    const misunderstood: [string[], RegExp][] = [
      [[], /^What\?$/],
      [["__proto__"], /^There is no __proto__\.$/],
      [["show", "x'; drop"], /^x'; drop is no id of a mail\.$/],
      [["show", newId(), newId()], /^show takes one of them at a time\.$/],
      [["list", "--state", "lost"], /^--state must be one of queued, /],
      [["list", "--since", "yesterday"], /^--since must be a time, or how long ago/],
      [["list", "--limit", "501"], /^--limit must be a whole number from 1 to 500\.$/],
      [["list", "--all"], /^Unknown option '--all'/],
      [["suppress", "a@example.com,b@example.com"], /^a@example\.com,b@example\.com is no bare address\.$/],
    ]
    for (const [args, message] of misunderstood)
      assert.throws(() => readOrder(args, new Date()), { name: "Refusal", exitCode: 2, message })
  })
})
