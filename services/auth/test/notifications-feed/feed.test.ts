import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import type { Fact } from "@gatepost/contracts"
import { until } from "@gatepost/testkit"
import { newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"
import { type Receiver, startReceiver } from "./support/receiver.js"

type FactOf<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>

describe("the feed of facts to the notifications API", () => {
  let receiver: Receiver
  let auth: Bundle

  before(async () => {
    receiver = await startReceiver()
    auth = await setup({ NOTIFICATIONS_URL: receiver.url })
    receiver.trust(auth.url)
  })
  after(async () => {
    await auth.stop()
    await receiver.close()
  })

  const factsOf = <Kind extends Fact["kind"]>(kind: Kind, userId: string) =>
    receiver.facts.filter(
      (fact): fact is FactOf<Kind> => fact.kind === kind && "user_id" in fact && fact.user_id === userId,
    )
  const latestContact = (userId: string) =>
    factsOf("contact", userId)
      .sort((one, other) => one.version - other.version)
      .at(-1)
  const events = (userId: string) => factsOf("security-event", userId).map(({ event }) => event)
  const nothingDue = () =>
    until(
      "the end of what is to be told",
      async () => (await auth.db.query("select from auth.facts")).length === 0,
    )

  it("tells of the apps, as mails need them", async () => {
    await until("the apps", () => receiver.facts.some(({ kind }) => kind === "apps"))
    const fact = receiver.facts.find((one): one is FactOf<"apps"> => one.kind === "apps")
    assert.deepEqual(
      fact?.apps.filter(({ is_default }) => is_default).map(({ client_id }) => client_id),
      ["jobswipe"],
    )
    assert.ok(fact?.apps.every(({ name, mail_from, color }) => name && mail_from && color))
  })

  it("tells who is there, what changes of them, and who has gone", async () => {
    const email = newEmail()
    const { user } = await register(auth, email, "Ada Lovelace")
    await until("the person", () => latestContact(user.id) !== undefined)
    const { version: _version, ...contact } = latestContact(user.id) ?? {}
    assert.deepEqual(contact, {
      kind: "contact",
      user_id: user.id,
      email,
      email_verified: false,
      name: "Ada Lovelace",
      locale: null,
      is_active: true,
    })
    const token = await auth.tokenFromMail("verify-email")
    await auth.http.get(`/v1/auth/verify-email/${token}`).expect(200)
    await until("the proof", () => latestContact(user.id)?.email_verified === true)
    await auth.db.query("delete from auth.accounts where id = :id", { id: user.id })
    await until("the end", () => factsOf("account-deleted", user.id).length === 1)
    assert.ok((factsOf("account-deleted", user.id)[0]?.version ?? 0) > (latestContact(user.id)?.version ?? 0))
  })

  it("tells of no change that none is, and of none that was rolled back", async () => {
    const { user } = await register(auth)
    await until("the person", () => latestContact(user.id) !== undefined)
    await auth.db.query(
      "update auth.accounts set updated_at = now(), password_hash = password_hash where id = :id",
      {
        id: user.id,
      },
    )
    await register(auth, user.email).then(
      () => assert.fail("twice"),
      () => undefined,
    )
    await nothingDue()
    assert.equal(factsOf("contact", user.id).length, 1)
  })

  it("tells that a password was changed, and from where", async () => {
    const { user, access_token } = await register(auth)
    await auth.http
      .post("/v1/users/me/password")
      .set("Authorization", `Bearer ${access_token}`)
      .set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0")
      .send({ current_password: PASSWORD, new_password: "some other plain words" })
      .expect(200)
    await until("the event", () => events(user.id).includes("password-changed"))
    const fact = factsOf("security-event", user.id).find(({ event }) => event === "password-changed")
    assert.equal(fact?.device, "Firefox on Linux")
    assert.match(fact?.ip ?? "", /127\.0\.0\.1|::1/)
    assert.ok(Math.abs(Date.parse(fact?.at ?? "") - Date.now()) < 60_000)
  })

  it("tells of a new device where the guard of sign-ins does, and of the events of every way to sign in", async () => {
    const accountId = randomUUID()
    const add = (event: string, detail = "{}", outcome = "success") =>
      auth.db.query(
        `insert into auth.audit_events (event, outcome, account_id, detail) values (:event, :outcome, :accountId, :detail::jsonb)`,
        { event, outcome, accountId, detail },
      )
    await add("session.started")
    await add("sign-in.new-device")
    for (const event of [
      "recovery-code.used",
      "totp.enabled",
      "totp.disabled",
      "passkey.added",
      "passkey.deleted",
    ])
      await add(event)
    for (const event of ["identity.linked", "identity.unlinked", "password.reset"]) await add(event)
    await add("password.changed", "{}", "failure")
    await until("all", () => events(accountId).length >= 9)
    await nothingDue()
    assert.deepEqual(events(accountId), [
      "new-sign-in",
      "recovery-code-used",
      "second-factor-added",
      "second-factor-removed",
      "second-factor-added",
      "second-factor-removed",
      "identity-linked",
      "identity-unlinked",
      "password-changed",
    ])
  })

  it("keeps what it could not tell, until it can", async () => {
    receiver.refusal = 503
    const { user } = await register(auth)
    const before = receiver.calls
    await until("a second try", () => receiver.calls > before + 1)
    assert.equal(latestContact(user.id), undefined)
    receiver.refusal = undefined
    await until("the person", () => latestContact(user.id) !== undefined)
    await nothingDue()
  })

  it("is held up by nothing that is never taken", async () => {
    const poison = randomUUID()
    receiver.isRefused = (fact) => "user_id" in fact && fact.user_id === poison
    receiver.refusal = 503
    const fact = { kind: "account-deleted", user_id: poison }
    for (const wrong of [fact, { kind: "nonsense" }])
      await auth.db.query("insert into auth.facts (fact) values (:fact::jsonb)", {
        fact: JSON.stringify(wrong),
      })
    const { user } = await register(auth)
    receiver.refusal = undefined
    await until("the person", () => latestContact(user.id) !== undefined)
    await nothingDue()
    assert.deepEqual(factsOf("account-deleted", poison), [])
  })

  it("is told by two processes as by one", async () => {
    const second = await auth.another()
    const people = await Promise.all(Array.from({ length: 10 }, () => register(auth)))
    await until("all", () => people.every(({ user }) => latestContact(user.id) !== undefined))
    await nothingDue()
    for (const { user } of people) assert.equal(factsOf("contact", user.id).length, 1)
    await second.stop()
  })
})

describe("a notifications API that comes later", () => {
  it("is told of who was there before; without one nothing is kept", async () => {
    const receiver = await startReceiver()
    const auth = await setup()
    try {
      const people = await Promise.all(Array.from({ length: 5 }, () => register(auth)))
      assert.deepEqual(await auth.db.query("select from auth.facts"), [])
      receiver.trust(auth.url)
      const feeding = await auth.another({ NOTIFICATIONS_URL: receiver.url })
      const told = () =>
        new Set(receiver.facts.flatMap((fact) => (fact.kind === "contact" ? [fact.user_id] : [])))
      await until("all", () => people.every(({ user }) => told().has(user.id)))
      await feeding.stop()
    } finally {
      await auth.stop()
      await receiver.close()
    }
  })
})
