import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { hash, verify } from "argon2"
import { hashSync } from "bcryptjs"
import { startChild } from "../support/child.js"
import { logIn, newEmail, PASSWORD } from "../support/people.js"
import { type Bundle, settings, setup } from "../support/setup.js"
import { type Folder, makeFolder, runUsers } from "./support/users.js"

const TODAYS = /^\$argon2id\$v=19\$m=1024,t=1,p=1\$/
const [ARGON2D, ARGON2I, ARGON2ID] = [0, 1, 2] as const

const GARBAGE = ["", "canary", "$2b$99$canary", "$2x$04$canary", "$argon2id$v=19$m=1,t=1,p=1$canary$canary"]

const bcrypt = (version: string, password = PASSWORD, cost = 4) =>
  hashSync(password, cost).replace(/^\$2b/, `$${version}`)
const argon2 = (type: 0 | 1 | 2, more: object = {}) =>
  hash(PASSWORD, { type, memoryCost: 2_048, timeCost: 2, parallelism: 1, ...more })

const KINDS: Record<string, () => string | Promise<string>> = {
  "bcrypt $2a$": () => bcrypt("2a"),
  "bcrypt $2b$": () => bcrypt("2b"),
  "bcrypt $2y$": () => bcrypt("2y"),
  "bcrypt of cost 10": () => bcrypt("2b", PASSWORD, 10),
  "argon2id of another cost": () => argon2(ARGON2ID),
  "argon2id in four lanes": () => argon2(ARGON2ID, { parallelism: 4, memoryCost: 4_096 }),
  argon2i: () => argon2(ARGON2I),
  argon2d: () => argon2(ARGON2D),
  "argon2i of version 16": () => argon2(ARGON2I, { version: 0x10 }),
  "argon2 of version 16 that does not say so": async () =>
    (await argon2(ARGON2I, { version: 0x10 })).replace("$v=16", ""),
  "argon2id with a longer tag": () => argon2(ARGON2ID, { hashLength: 64 }),
}

const addressOf = (kind: string) => `${kind.replaceAll(/\W+/g, "-").toLowerCase()}@example.com`

describe("signing in with the password of a former backend", () => {
  let auth: Bundle
  let folder: Folder
  /** The hashes of one import, by address. */
  const made = new Map<string, string>()

  before(async () => {
    auth = await setup()
    folder = makeFolder()
    for (const [kind, make] of Object.entries(KINDS)) made.set(addressOf(kind), await make())
    const people = [...made].map(([email, password_hash]) => ({ email, password_hash }))
    const { code, output } = await runUsers(auth.db, ["import", folder.write("all.ndjson", people)])
    assert.equal(code, 0, output)
  })
  after(async () => {
    folder.remove()
    await auth.stop()
  })

  /** Brings somebody in with a hash, and returns their address. */
  async function bringIn(password_hash: string | undefined, more: object = {}): Promise<string> {
    const email = newEmail()
    const file = folder.write("people.ndjson", [{ email, password_hash, ...more }])
    const { code, output, errors } = await runUsers(auth.db, ["import", file])
    assert.equal(code, 0, output + errors)
    return email
  }

  async function hashOf(email: string): Promise<string> {
    const [row] = await auth.db.query<{ password_hash: string }>(
      "select password_hash from auth.accounts where email = ?",
      [email],
    )
    return row?.password_hash ?? ""
  }

  // check 33
  for (const kind of Object.keys(KINDS)) {
    it(`takes ${kind}, and renews it once the password was right`, async () => {
      const email = addressOf(kind)
      await logIn(auth, email, "not the password").expect(401)
      assert.equal(await hashOf(email), made.get(email))

      await logIn(auth, email).expect(200)
      const renewed = await hashOf(email)
      assert.match(renewed, TODAYS)
      assert.ok(await verify(renewed, PASSWORD))
      await logIn(auth, email).expect(200)
      await logIn(auth, email, "not the password").expect(401)
      assert.equal(await hashOf(email), renewed)
    })
  }

  it("knows the first 72 bytes of a bcrypt password, and from then on all of it", async () => {
    const password = `${"é".repeat(36)} and so on`
    const email = await bringIn(bcrypt("2b", password))
    await logIn(auth, email, "é".repeat(35)).expect(401)
    await logIn(auth, email, `${"é".repeat(36)} or otherwise`).expect(200)
    await logIn(auth, email, `${"é".repeat(36)} or otherwise`).expect(200)
    await logIn(auth, email, password).expect(401)
  })

  // check 36
  it("takes a password in the characters it had there, and then however they are composed", async () => {
    const decomposed = "cafe\u0301 au lait"
    for (const made of [
      bcrypt("2b", decomposed),
      await hash(decomposed, { memoryCost: 1_024, timeCost: 1 }),
    ]) {
      const email = await bringIn(made)
      await logIn(auth, email, decomposed).expect(200)
      await logIn(auth, email, decomposed.normalize("NFC")).expect(200)
    }
  })

  it("lets everybody in who signs in at the same time, the first time", async () => {
    const email = await bringIn(bcrypt("2b", PASSWORD, 8))
    const answers = await race(16, () => logIn(auth, email))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.match(await hashOf(email), TODAYS)
  })

  it("needs a reset where no hash came along", async () => {
    const email = await bringIn(undefined)
    await logIn(auth, email).expect(401)
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const token = await auth.tokenFromMail("reset-password")
    const new_password = "a new plain password"
    await auth.http.post("/v1/auth/reset-password").send({ token, new_password }).expect(200)
    await logIn(auth, email, new_password).expect(200)
  })

  it("refuses who was not active there", async () => {
    const email = await bringIn(bcrypt("2b"), { is_active: false })
    await logIn(auth, email).expect(401)
  })

  it("takes a hash that nobody can read for a wrong password, and logs it without a word of it", async () => {
    const service = await startChild({ ...settings(auth.db), LOG_LEVEL: "info" })
    const email = await bringIn(undefined)
    try {
      for (const garbage of GARBAGE) {
        await auth.db.query("update auth.accounts set password_hash = ? where email = ?", [garbage, email])
        const answer = await fetch(`${service.url}/v1/auth/login`, {
          method: "POST",
          headers: { "Content-Type": "application/json", Host: "localhost" },
          body: JSON.stringify({ email, password: PASSWORD }),
        })
        assert.equal(answer.status, 401, garbage)
        assert.equal(await hashOf(email), garbage)
      }
    } finally {
      service.child.kill("SIGTERM")
      await service.exited
    }
    assert.equal(service.output().match(/a stored password hash can't be read/g)?.length, GARBAGE.length)
    assert.doesNotMatch(service.output(), /canary/)
  })
})
