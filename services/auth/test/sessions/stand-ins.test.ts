import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { hash } from "argon2"
import { hashSync } from "bcryptjs"
import { accountsRepository } from "#src/modules/accounts/index.js"
import { createStandIns, type HashKind } from "#src/modules/passwords/index.js"
import { logIn, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

const BCRYPT = "$2b$12$"
const TODAYS = "$argon2id$v=19$m=19456,t=2,p=1$"
const EMAILS = Array.from({ length: 1_000 }, (_, index) => `unknown${index}@example.com`)

async function standInsFor(kinds: HashKind[], secret = "a secret") {
  const standIns = createStandIns(async () => kinds, secret)
  await standIns.refresh()
  return standIns
}

const isBcrypt = (hash: string | undefined) => hash?.startsWith("$2") ?? false

// check 24, check 35: the T-rule's clock is no test, so this looks at the work that is done.
describe("what an unknown address is verified against", () => {
  it("is of the kinds that accounts have, as often as they have them", async () => {
    const standIns = await standInsFor([
      { prefix: BCRYPT, count: 300 },
      { prefix: TODAYS, count: 700 },
    ])
    const share = EMAILS.filter((email) => isBcrypt(standIns.of(email))).length / EMAILS.length
    assert.ok(share > 0.25 && share < 0.35, `${share} of the addresses`)
  })

  it("is always the same for an address, on every process, and nobody can tell it from outside", async () => {
    const kinds = [
      { prefix: BCRYPT, count: 1 },
      { prefix: TODAYS, count: 1 },
    ]
    const [one, other, foreign] = [
      await standInsFor(kinds),
      await standInsFor(kinds),
      await standInsFor(kinds, "another secret"),
    ]
    assert.deepEqual(EMAILS.map(one.of), EMAILS.map(other.of))
    assert.notDeepEqual(EMAILS.map(one.of), EMAILS.map(foreign.of))
  })

  it("turns from an old kind to the new one and never back, as accounts do", async () => {
    const [early, late] = [
      await standInsFor([
        { prefix: BCRYPT, count: 90 },
        { prefix: TODAYS, count: 10 },
      ]),
      await standInsFor([
        { prefix: BCRYPT, count: 10 },
        { prefix: TODAYS, count: 90 },
      ]),
    ]
    const turned = EMAILS.filter((email) => isBcrypt(early.of(email)) && !isBcrypt(late.of(email)))
    assert.ok(turned.length > 700)
    assert.ok(!EMAILS.some((email) => !isBcrypt(early.of(email)) && isBcrypt(late.of(email))))
  })

  it("is nothing while no account has a password, and never what could not be verified", async () => {
    assert.equal((await standInsFor([])).of("unknown@example.com"), undefined)
    const unreadable = await standInsFor([{ prefix: "$2b$99$", count: 1 }])
    assert.equal(unreadable.of("unknown@example.com"), undefined)
  })

  describe("in a service", () => {
    let auth: Bundle
    before(async () => {
      auth = await setup()
    })
    after(() => auth.stop())

    async function registerWith(password_hash: string): Promise<string> {
      const { user } = await register(auth)
      await auth.db.query("update auth.accounts set password_hash = ? where id = ?", [password_hash, user.id])
      return user.email
    }

    it("is what its accounts have", async () => {
      await register(auth)
      await registerWith(hashSync(PASSWORD, 5))
      await registerWith(hashSync(PASSWORD, 5))
      await registerWith(
        await hash(PASSWORD, { version: 16, memoryCost: 2_048, timeCost: 3, parallelism: 1 }),
      )
      await registerWith("garbage")
      const kinds = await accountsRepository(auth.db.database.db).listHashKinds()
      assert.deepEqual(
        new Map(kinds.map(({ prefix, count }) => [prefix, count])),
        new Map([
          ["$2b$05$", 2],
          ["$argon2id$v=16$m=2048,t=3,p=1$", 1],
          ["$argon2id$v=19$m=1024,t=1,p=1$", 1],
        ]),
      )
    })

    it("keeps the lane as busy as an account would", async () => {
      await auth.db.query("delete from auth.accounts")
      const unknown = async (process = auth) =>
        new Set((await race(16, () => logIn(process, newEmail()))).map(({ status }) => status))
      assert.deepEqual(await unknown(), new Set([401]))

      // Of cost 14, no more than a handful is done within the two seconds that anybody waits.
      await registerWith(hashSync(PASSWORD, 4).replace("$04$", "$14$"))
      const imported = { ...auth, ...(await auth.another()) }
      assert.deepEqual(await unknown(imported), new Set([401, 503]))
    })
  })
})
