import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { hashSync } from "bcryptjs"
import { type Folder, makeFolder, runUsers, startUsersIn, storedAccounts, toNdjson } from "./support/users.js"

const BCRYPT = hashSync("password", 4)
const SALT_AND_TAG = "c29tZSBzYWx0IGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

describe("lines that an import refuses", () => {
  let db: TestDatabase
  let folder: Folder

  before(async () => {
    db = await testDatabase()
    folder = makeFolder()
  })
  after(async () => {
    folder.remove()
    await db.drop()
  })
  beforeEach(() => db.query("delete from auth.accounts"))

  const KNOWN = "is neither a bcrypt hash ($2a$, $2b$, $2y$) nor an argon2 one"
  const hashes: [string, string][] = [
    ["secret", KNOWN],
    ["5f4dcc3b5aa765d61d8327deb882cf99", KNOWN],
    [BCRYPT.slice(0, -1), KNOWN],
    [`${BCRYPT}a`, KNOWN],
    [BCRYPT.replace("$04$", "$4$"), KNOWN],
    [BCRYPT.replace("$04$", "$03$"), KNOWN],
    [BCRYPT.replace("$2b$", "$2x$"), KNOWN],
    [BCRYPT.replace("$2b$", "$2$"), KNOWN],
    ["$argon2id$v=19$m=1024,t=1,p=1$", KNOWN],
    [`$argon2id$v=20$m=1024,t=1,p=1$${SALT_AND_TAG}`, KNOWN],
    [`$argon2xx$v=19$m=1024,t=1,p=1$${SALT_AND_TAG}`, KNOWN],
    [`$argon2id$v=19$m=1024,t=1,p=1$${SALT_AND_TAG}!`, KNOWN],
    ["$scrypt$ln=16,r=8,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA", KNOWN],
    [BCRYPT.replace("$04$", "$15$"), "costs too much: bcrypt 15, at most 14"],
    [BCRYPT.replace("$04$", "$31$"), "costs too much: bcrypt 31, at most 14"],
    [`$argon2id$v=19$m=262145,t=1,p=1$${SALT_AND_TAG}`, "costs too much: 262145 KiB, at most 262144"],
    [
      `$argon2id$v=19$m=262144,t=5,p=1$${SALT_AND_TAG}`,
      "costs too much: 5 passes over 262144 KiB, together at most 1048576 KiB",
    ],
    [`$argon2id$v=19$m=1024,t=1,p=17$${SALT_AND_TAG}`, "costs too much: 17 lanes, at most 16"],
  ]
  it("have hashes that can't be verified, or that cost too much", async () => {
    const people = hashes.map(([password_hash], index) => ({ email: `p${index}@example.com`, password_hash }))
    const { code } = await runUsers(db, ["import", folder.write("hashes.ndjson", people)])
    assert.equal(code, 3)
    assert.deepEqual(
      folder.rejected("hashes.ndjson"),
      hashes.map(([, reason], index) => ({ line: index + 1, reason: `password_hash ${reason}` })),
    )
    assert.deepEqual(await storedAccounts(db), [])
  })

  it("have members that mean nothing, each named with its line, and the others come in", async () => {
    const email = "fine@example.com"
    const lines: [string | Buffer, string?][] = [
      [JSON.stringify({ email: "first@example.com" })],
      [""],
      ["{", "is not JSON"],
      ['"a text"', "is no JSON object"],
      ["null", "is no JSON object"],
      [Buffer.from([0x7b, 0xff, 0x7d]), "is not UTF-8"],
      [JSON.stringify({ email: "x@example.com", note: "n".repeat(70_000) }), "is too long"],
      [JSON.stringify({}), "email Invalid input: expected string, received undefined"],
      [JSON.stringify({ email: "x@localhost" }), "email must be an email address"],
      [JSON.stringify({ email: "x@example.com\u0000" }), "email must be an email address"],
      [JSON.stringify({ email, name: "\ud800" }), "name must not have invisible characters or links"],
      [JSON.stringify({ email, name: "a\u0000b" }), "name must not have invisible characters or links"],
      [
        JSON.stringify({ email, created_at: "2020-01-01 10:00:00" }),
        "created_at must be a time with its offset, such as 2024-01-31T12:00:00Z",
      ],
      [
        JSON.stringify({ email, created_at: "2220-01-01T10:00:00Z" }),
        "created_at must be between 1970 and now",
      ],
      [
        JSON.stringify({ email, created_at: "2024-01-01T00:00:00+16:00" }),
        "created_at must have an offset of less than 16 hours",
      ],
      [JSON.stringify({ email, locale: "German" }), "locale must be a language tag, such as en or pt-BR"],
      [JSON.stringify({ email, email_verified: "maybe" }), "email_verified must be true or false"],
      [
        JSON.stringify({ email, external_id: { $oid: "64f0c1a2b3d4e5f607182930" } }),
        "external_id must be a text or a whole number",
      ],
      // Read as a number it would be 9007199254740992, which is somebody else.
      [`{"email":"${email}","external_id":9007199254740993}`, "external_id must be a text or a whole number"],
      [
        JSON.stringify({ email, external_id: "ä" }),
        "external_id must have up to 128 letters, digits and any of _-.:|@+=/",
      ],
      [
        JSON.stringify({ email, id: 17 }),
        "id must be a UUID: a former backend's own id goes into external_id",
      ],
      [JSON.stringify({ email, id: "00000000-0000-0000-0000-000000000000" }), "id must not be the nil UUID"],
      [
        JSON.stringify({ email, profiles: { introgy: "a text" } }),
        "profiles.introgy Invalid input: expected record, received string",
      ],
      [
        JSON.stringify({ email, profiles: "{}" }),
        "profiles must be an object of apps, each with an object of members",
      ],
      [
        JSON.stringify({ email, profiles: { introgy: { bio: "a\u0000b" } } }),
        "profiles must not have NUL or half characters",
      ],
      [
        JSON.stringify({ email, profiles: { introgy: { "\ud800": 1 } } }),
        "profiles must not have NUL or half characters",
      ],
      [`${JSON.stringify({ email, external_id: "e1" })}\r`],
      [JSON.stringify({ email: "FINE@example.com" }), "email is that of line 27"],
      [JSON.stringify({ email: "y@example.com", external_id: "e1" }), "external_id is that of line 27"],
      [JSON.stringify({ email: "last@example.com", created_at: "2024-01-01T00:00:00+15:59" })],
    ]
    const file = Buffer.concat(lines.flatMap(([line]) => [Buffer.from(line), Buffer.from("\n")]))
    const { code, output } = await runUsers(db, ["import", folder.write("mixed.ndjson", file)])
    assert.equal(code, 3)
    const refused = lines.flatMap(([, reason], index) => (reason ? [{ line: index + 1, reason }] : []))
    assert.deepEqual(folder.rejected("mixed.ndjson"), refused)
    assert.match(output, new RegExp(`^3 people added; 0 were here already; ${refused.length} lines refused`))
    const added = (await storedAccounts(db)).map(({ email }) => email)
    assert.deepEqual(added, [email, "first@example.com", "last@example.com"].sort())
  })

  it("are no longer listed once they are right", async () => {
    await runUsers(db, [
      "import",
      folder.write("people.ndjson", [{ email: "a@example.com" }, { email: "b" }]),
    ])
    assert.equal(folder.rejected("people.ndjson").length, 1)
    const right = folder.write("people.ndjson", [{ email: "a@example.com" }, { email: "b@example.com" }])
    const { code, output } = await runUsers(db, ["import", right])
    assert.equal(code, 0)
    assert.match(output, /^1 people added; 1 were here already; 0 lines refused\./)
    assert.deepEqual(folder.rejected("people.ndjson"), [])
  })

  it("come in CSV with the line they end on, up to a broken quote, where all ends", async () => {
    const csv = [
      "email,name",
      'a@example.com,"on two',
      'lines"',
      "b@example.com,B,too many",
      "c@example.com,C",
    ]
    const { code } = await runUsers(db, ["import", folder.write("people.csv", csv.join("\n"))])
    assert.equal(code, 3)
    assert.deepEqual(folder.rejected("people.csv"), [
      { line: 3, reason: "name must not have invisible characters or links" },
      { line: 4, reason: "has 3 cells; the first row has 2" },
    ])

    const broken = folder.write("broken.csv", 'email,name\nd@example.com,"D"d\ne@example.com,E\n')
    const result = await runUsers(db, ["import", broken])
    assert.equal(result.code, 1)
    assert.match(result.errors, /at line 2.*Nothing after that was read; correct it, and run this again\n$/)
    assert.deepEqual(
      (await storedAccounts(db)).map(({ email }) => email),
      ["c@example.com"],
    )
  })

  describe("all together, in one line, where", () => {
    before(() => {
      const array = `[${toNdjson([{ email: "a@example.com" }])}]`
      const texts = { "array.ndjson": array, "taken.ndjson": "", "people.xlsx": "" }
      for (const [name, text] of Object.entries(texts)) folder.write(name, text)
      folder.write("people.ndjson", [{ email: "a@example.com" }])
      folder.write("no.csv", "mail\na@example.com\n")
      folder.write("twice.csv", "email,a,a\n")
      mkdirSync(folder.path("folder.ndjson"))
      mkdirSync(folder.path("taken.ndjson.rejected.ndjson"))
    })

    const refusals: [string, string, RegExp, number?][] = [
      ["there is no file", "import none.ndjson", /^There is no file .*none\.ndjson\n$/],
      ["it is a folder", "import folder.ndjson", /^There is no file .*folder\.ndjson\n$/],
      ["its name tells nothing", "import people.xlsx", /^.*xlsx must end in \.ndjson, \.jsonl or \.csv\n$/],
      ["it is a JSON array", "import array.ndjson", /^The file is one JSON array; .*: jq -c '\.\[\]'\n$/],
      ["no column is `email`", "import no.csv", /^The file's first row names no column `email`/],
      ["columns share a name", "import twice.csv", /^The file's first row names `a` twice\n$/],
      ["the refused can't be listed", "import taken.ndjson", /^.*rejected\.ndjson, .* can't be written\n$/],
      ["an export would replace a file", "export people.ndjson", /^.*people\.ndjson exists already\n$/],
      ["no file is named", "import", /^usage: npm run users/, 2],
      ["there is no such option", "import people.ndjson --force", /^usage: npm run users/, 2],
      ["there is no such order", "delete people.ndjson", /^usage: npm run users/, 2],
    ]
    for (const [what, order, words, code = 1] of refusals) {
      it(what, async () => {
        const args = order.split(" ").map((word) => (word.includes(".") ? folder.path(word) : word))
        const result = await runUsers(db, args)
        assert.match(result.errors, words)
        assert.equal(result.code, code)
        assert.deepEqual(await storedAccounts(db), [])
      })
    }

    it("the database does not answer, or is no Gatepost's", async () => {
      const importInto = (DATABASE_URL: string) =>
        startUsersIn({ DATABASE_URL }, ["import", folder.path("people.ndjson")]).result
      const away = await importInto("postgres://x@127.0.0.1:1/x")
      assert.match(away.errors, /^The database of DATABASE_URL does not answer now: run this again.*\n$/)
      const url = new URL(db.url)
      url.pathname = "/postgres"
      const empty = await importInto(url.href)
      assert.match(
        empty.errors,
        /^The database of DATABASE_URL says: relation "auth.accounts" does not exist\n$/,
      )
      assert.deepEqual([away.code, empty.code], [1, 1])
    })
  })
})
