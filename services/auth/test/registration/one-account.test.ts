import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { PASSWORD, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

// check 25
describe("one account per address", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const post = ({ http }: AuthProcess, email: string) =>
    http.post("/v1/auth/register").send({ email, password: PASSWORD })

  const accounts = () => auth.db.query<{ email: string }>("select email from auth.accounts order by email")

  it("knows an address in any case and with spaces around it", async () => {
    await register(auth, "Kim@X.io")
    for (const same of ["kim@x.io", "KIM@x.IO", " kim@x.io", "kim@X.IO\n"]) await post(auth, same).expect(409)
    assert.deepEqual(await accounts(), [{ email: "kim@x.io" }])
  })

  it("never takes a look-alike for the address, or for another", async () => {
    for (const lookAlike of [
      "\u212Aim@x.io",
      "ｋim@x.io",
      "ki\u0301m@x.io",
      "kím@x.io",
      "kım@x.io",
      "kim@x.ıo",
      "kim@x.io.",
      "kim@x。io",
      "k\u200Bim@x.io",
    ]) {
      const { status } = await post(auth, lookAlike)
      assert.equal(status, 400, lookAlike)
    }
    assert.deepEqual(await accounts(), [{ email: "kim@x.io" }])
  })

  it("makes one of 50 parallel registrations in four casings over two processes", async () => {
    const casings = ["race@example.com", "RACE@example.com", "race@EXAMPLE.com", "Race@Example.Com"]
    const answers = await race(50, (index) => post(index % 2 ? auth : other, casings[index % 4] ?? ""))

    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 201).length, 1)
    assert.equal(statuses.filter((status) => status === 409).length, 49)
    const [left] = await auth.db.query(
      `select (select count(*)::int from auth.accounts where email = :email) as accounts,
         (select count(*)::int from auth.sessions s join auth.accounts a on a.id = s.account_id
          where a.email = :email) as sessions,
         (select count(*)::int from mail.messages where recipient = :email) as mails`,
      { email: "race@example.com" },
    )
    assert.deepEqual(left, { accounts: 1, sessions: 1, mails: 1 })
  })
})
