import assert from "node:assert/strict"
import { hashSync } from "bcryptjs"
import { logIn, me, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"
import { type Folder, makeFolder, runUsers, storedAccounts, transferEvents } from "./support/users.js"

const ADA = {
  email: "Ada@Example.com",
  name: "Ada Lovelace",
  locale: "de",
  password_hash: hashSync(PASSWORD, 4),
  email_verified: true,
  created_at: "2019-03-01T12:30:00.123456+02:00",
  external_id: "64f0c1a2b3d4e5f607182930",
  profiles: { introgy: { bio: "Notes by the translator", tags: ["maths", "engines"], age: null } },
}
const BEN = { email: "ben@example.com", external_id: 17, phone: "not ours", nickname: null, name: "" }
const OWN_ID = "0b1f8f6e-5d1c-4c44-9b5e-5d0f6b7a8c9d"
const CYD = { email: "cyd@example.com", id: OWN_ID.toUpperCase(), is_active: false }

const profilesOf = ({ db }: Bundle) => db.query("select client_id, members from auth.profiles")

describe("an import of users", () => {
  let auth: Bundle
  let folder: Folder

  beforeEach(async () => {
    auth = await setup()
    folder = makeFolder()
  })
  afterEach(async () => {
    folder.remove()
    await auth.stop()
  })

  const importFile = (file: string, ...options: string[]) => runUsers(auth.db, ["import", file, ...options])

  it("brings in who they are, and whoever signs in finds themselves", async () => {
    const before = Date.now()
    const { code, output } = await importFile(folder.write("people.ndjson", [ADA, BEN, CYD]))
    assert.equal(code, 0)
    assert.equal(
      output,
      "3 people added; 0 were here already; 0 lines refused.\nWithout a meaning here: phone.\n",
    )

    const [ada, ben, cyd] = await storedAccounts(auth.db)
    assert.ok(ada && ben && cyd)
    assert.deepEqual(
      [ada.email, ada.name, ada.locale, ada.password_hash, ada.external_id, ada.disabled_at],
      ["ada@example.com", ADA.name, "de", ADA.password_hash, ADA.external_id, null],
    )
    assert.ok(ada.email_verified_at && ada.imported_at)
    assert.equal(ada.created_at.toISOString(), "2019-03-01T10:30:00.123Z")
    // RFC 9562 section 5.7: the first 48 bits are the time.
    assert.equal(Number.parseInt(ada.id.replaceAll("-", "").slice(0, 12), 16), ada.created_at.getTime())
    assert.equal(ada.id[14], "7")
    assert.deepEqual([ben.name, ben.password_hash, ben.external_id], [null, null, "17"])
    assert.equal(ben.email_verified_at, null)
    assert.ok(ben.created_at.getTime() >= before)
    assert.equal(cyd.id, OWN_ID)
    assert.ok(cyd.disabled_at)

    const { body } = await logIn(auth, ADA.email).expect(200)
    assert.deepEqual(body.user, {
      id: ada.id,
      email: "ada@example.com",
      name: ADA.name,
      is_active: true,
      email_verified: true,
      created_at: "2019-03-01T10:30:00.123Z",
    })
    await me(auth, body.access_token).expect(200)
    const introgy = await logIn(auth, ADA.email).set("X-Client-Id", "introgy").expect(200)
    const profile = await auth.http
      .get("/users/me")
      .set("Authorization", `Bearer ${introgy.body.access_token}`)
      .expect(200)
    assert.equal(profile.body.bio, "Notes by the translator")
    assert.deepEqual(await profilesOf(auth), [
      { client_id: "introgy", members: { bio: "Notes by the translator", tags: ["maths", "engines"] } },
    ])
    assert.deepEqual(await auth.mails(), [])
  })

  it("leaves an audit event in the transaction of each part", async () => {
    await importFile(folder.write("people.ndjson", [ADA, BEN, CYD]))
    const [event, ...others] = await transferEvents(auth.db)
    const detail = { file: "people.ndjson", lines: "1-3", added: 3 }
    assert.deepEqual(event, { event: "accounts.imported", outcome: "success", detail })
    assert.deepEqual(others, [])
    const rows = await auth.db.query(
      `select from auth.accounts a join auth.audit_events e on e.event = 'accounts.imported' and e.at = a.imported_at`,
    )
    assert.equal(rows.length, 3)
  })

  it("adds nobody twice, and changes nobody who is here already", async () => {
    const file = folder.write("people.ndjson", [ADA, BEN, CYD])
    await importFile(file)
    await logIn(auth, ADA.email).expect(200)
    const before = await storedAccounts(auth.db)

    const again = await importFile(file)
    assert.equal(again.code, 0)
    assert.match(again.output, /^0 people added; 3 were here already; 0 lines refused\./)
    assert.deepEqual(await storedAccounts(auth.db), before)
    assert.equal((await transferEvents(auth.db)).length, 1)

    const more = folder.write("more.ndjson", [{ ...BEN, name: "Benjamin" }, { email: "dan@example.com" }])
    assert.match((await importFile(more)).output, /^1 people added; 1 were here already/)
    const [, ben] = await storedAccounts(auth.db)
    assert.equal(ben?.name, null)
  })

  it("gives nobody the account, the external id or the id of somebody else", async () => {
    const { user } = await register(auth, "first@example.com")
    await importFile(folder.write("people.ndjson", [ADA, CYD]))
    const before = await storedAccounts(auth.db)

    const file = folder.write("others.ndjson", [
      { email: "First@example.com", password_hash: ADA.password_hash },
      { email: "first@example.com", external_id: "another" },
      { email: "other@example.com", external_id: ADA.external_id },
      { email: ADA.email, external_id: "another-of-the-same-address" },
      { email: "someone@example.com", id: OWN_ID },
      { email: "someone.else@example.com", id: user.id },
    ])
    const { code, output } = await importFile(file)
    assert.equal(code, 3)
    assert.match(
      output,
      /^0 people added; 0 were here already; 6 lines refused, see .*others\.ndjson\.rejected/,
    )
    assert.deepEqual(folder.rejected("others.ndjson"), [
      { line: 1, reason: "email is that of somebody else here" },
      { line: 2, reason: "email is that of line 1" },
      { line: 3, reason: "external_id is that of somebody else here" },
      { line: 4, reason: "email is that of somebody else here" },
      { line: 5, reason: "id is that of somebody else here" },
      { line: 6, reason: "id is that of somebody else here" },
    ])
    assert.deepEqual(await storedAccounts(auth.db), before)
    await logIn(auth, "first@example.com").expect(200)
  })

  it("tells on a dry run what would come of it, and changes nothing", async () => {
    await importFile(folder.write("before.ndjson", [ADA]))
    const before = [await storedAccounts(auth.db), await transferEvents(auth.db)]
    const people = [
      ADA,
      BEN,
      BEN,
      { email: "nobody" },
      { email: "other@example.com", external_id: ADA.external_id },
    ]
    const file = folder.write("people.ndjson", people)

    const dry = await importFile(file, "--dry-run")
    const dryRejected = folder.rejected("people.ndjson")
    assert.equal(dry.code, 3)
    assert.match(
      dry.output,
      /^Nothing was changed\. 1 people would be added; 1 are here already; 3 lines refused/,
    )
    assert.deepEqual([await storedAccounts(auth.db), await transferEvents(auth.db)], before)

    const wet = await importFile(file)
    assert.match(wet.output, /^1 people added; 1 were here already; 3 lines refused/)
    assert.deepEqual(folder.rejected("people.ndjson"), dryRejected)
    assert.deepEqual(
      dryRejected.map(({ line }) => line),
      [3, 4, 5],
    )
  })

  it("reads CSV too, with flags as PostgreSQL writes them", async () => {
    const csv = [
      "\ufeffexternal_id,email,name,password_hash,email_verified,created_at",
      `u1,ada@example.com,"Lovelace, ""Ada""",${ADA.password_hash},t,2019-03-01T10:30:00Z`,
      `u2,ben@example.com,,,f,`,
    ]
    const { code } = await importFile(folder.write("people.csv", `${csv.join("\r\n")}\r\n`))
    assert.equal(code, 0)
    const [ada, ben] = await storedAccounts(auth.db)
    assert.deepEqual([ada?.external_id, ada?.name], ["u1", 'Lovelace, "Ada"'])
    assert.ok(ada?.email_verified_at)
    assert.deepEqual([ben?.external_id, ben?.name, ben?.password_hash], ["u2", null, null])
    assert.equal(ben?.email_verified_at, null)
    await logIn(auth, "ada@example.com").expect(200)
  })
})
