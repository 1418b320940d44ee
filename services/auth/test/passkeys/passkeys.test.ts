import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { race } from "@gatepost/testkit"
import { countMails } from "../support/mails.js"
import { logIn, me, register, type Tokens } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"
import {
  answer,
  bearer,
  challengeOf,
  codeOf,
  eventsOf,
  post,
  secured,
  signInFully,
  verified,
} from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"
import {
  assertPasskey,
  type Ceremony,
  createPasskey,
  type SoftwarePasskey,
} from "../support/software-authenticator.js"

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, "0"))
  .join(":")
  .toUpperCase()
const ANDROID = `android:apk-key-hash:${Buffer.from(FINGERPRINT.replaceAll(":", ""), "hex").toString("base64url")}`
const APPLE = "ABCDE12345.com.example.app"

/** The example's app, with programs for phones. */
const APP = {
  client_id: "jobswipe",
  client_name: "JobSwipe",
  first_party: true,
  allowed_origins: ["http://localhost:5173", "https://elsewhere.example"],
  link_templates: {
    verify_email: "{public_url}/v1/auth/verify-email/{token}",
    reset_password: "{public_url}/reset-password?token={token}",
  },
  mail_from: "hello@app.example",
  colors: { primary: "#0f766e" },
  android_apps: [{ package_name: "com.example.app", sha256_cert_fingerprints: [FINGERPRINT] }],
  apple_app_ids: [APPLE],
}

// check 100
describe("passkeys", () => {
  let auth: Bundle
  let folder: string

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gatepost-passkeys-"))
    const file = path.join(folder, "apps.json")
    await writeFile(file, JSON.stringify([APP, { ...APP, client_id: "other" }]))
    auth = await setup({ APPS_FILE: file })
  })
  after(async () => {
    await auth.stop()
    await rm(folder, { recursive: true })
  })

  const begin = async (token: string) =>
    (await post(auth, "/users/me/passkey-options", token).expect(200)).body.public_key
  const add = (token: string, credential: object, name?: string) =>
    post(auth, "/users/me/passkeys", token, { credential, ...(name && { name }) })
  const options = async () => (await post(auth, "/auth/login/passkey/options").expect(200)).body.public_key
  const signIn = (credential: object) => post(auth, "/auth/login/passkey", undefined, { credential })

  async function addOne(token: string, name?: string) {
    const { passkey, credential } = createPasskey(await begin(token))
    const { body } = await add(token, credential, name).expect(201)
    return { passkey, id: body.id as string }
  }
  async function owner(): Promise<Tokens & { email: string; passkey: SoftwarePasskey; id: string }> {
    const person = await verified(auth)
    return { ...person, ...(await addOne(person.access_token)) }
  }

  it("are made for who is signed in, and sign them in without a name or password, as two factors", async () => {
    const person = await verified(auth)
    const made = await begin(person.access_token)
    assert.ok(Buffer.from(made.challenge, "base64url").length === 32)
    assert.deepEqual(
      [made.rp.id, made.authenticatorSelection.userVerification, made.authenticatorSelection.residentKey],
      ["localhost", "required", "required"],
    )
    const { passkey, credential } = createPasskey(made)
    const { body: view } = await add(person.access_token, credential, "My phone").expect(201)
    assert.deepEqual([view.name, view.is_synced, view.last_used_at], ["My phone", false, null])
    assert.equal(await countMails(auth, "second-factor-changed", person.email), 1)

    const asked = await options()
    assert.deepEqual(asked.allowCredentials, [])
    const { body } = await signIn(assertPasskey(passkey, asked)).expect(200)
    // check 101
    const { amr, acr } = claimsOf(body.access_token)
    assert.deepEqual([body.user.id, amr, acr], [person.user.id, ["hwk", "user", "mfa"], "aal2"])
    await me(auth, body.access_token).expect(200)
    assert.ok((await eventsOf(auth, person.user.id)).includes("passkey.added"))
  })

  for (const [what, lies] of Object.entries({
    "a challenge of their own": { challenge: Buffer.alloc(32, 7).toString("base64url") },
    "another origin": { origin: "https://evil.example" },
    "an origin that only begins like ours": { origin: "http://localhost:8000.evil.example" },
    "an origin of the app that is not of the site": { origin: "https://elsewhere.example" },
    "another site": { rpId: "evil.example" },
    "nobody verified": { isVerified: false },
    "what another ceremony says": { type: "webauthn.other" },
  } satisfies Record<string, Partial<Ceremony>>)) {
    it(`are refused with ${what}`, async () => {
      const { passkey, access_token, user } = await owner()
      const { body } = await signIn(assertPasskey(passkey, await options(), lies)).expect(401)
      assert.equal(body.code, "passkey.invalid")
      const made = createPasskey(await begin(access_token), lies)
      await add(access_token, made.credential).expect(400)
      await signIn(assertPasskey(passkey, await options())).expect(200)
      assert.ok((await eventsOf(auth, user.id)).includes("passkey.refused"))
    })
  }

  it("are refused with another's handle, without one, with another's key, and unknown", async () => {
    const [one, two] = [await owner(), await owner()]
    for (const userHandle of [two.passkey.userHandle, null]) {
      await signIn(assertPasskey(one.passkey, await options(), { userHandle })).expect(401)
    }
    const stolen = { ...one.passkey, privateKey: two.passkey.privateKey }
    await signIn(assertPasskey(stolen, await options())).expect(401)
    const { passkey: unknown } = createPasskey(await begin(one.access_token))
    await signIn(assertPasskey(unknown, await options())).expect(401)
  })

  it("answer a challenge once, in five minutes, for what and where it was asked", async () => {
    const { passkey } = await owner()
    const asked = await options()
    const credential = assertPasskey(passkey, asked)
    await signIn(credential).expect(200)
    await signIn(credential).expect(401)
    await signIn(assertPasskey(passkey, asked)).expect(401)

    const raced = assertPasskey(passkey, await options())
    const answers = await race(16, () => signIn(raced))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(401)])

    const late = await options()
    await auth.db.elapse(301)
    await signIn(assertPasskey(passkey, late)).expect(401)

    const elsewhere = assertPasskey(passkey, await options())
    await auth.http
      .post("/v1/auth/login/passkey")
      .set("X-Client-Id", "other")
      .send({ credential: elsewhere })
      .expect(401)
    // A challenge to register, answered by a sign-in, and the other way round.
    const { body: fresh } = await signIn(assertPasskey(passkey, await options())).expect(200)
    await signIn(assertPasskey(passkey, await begin(fresh.access_token))).expect(401)
    await add(fresh.access_token, createPasskey(await options()).credential).expect(400)
    // Somebody else's.
    const other = await verified(auth)
    await add(other.access_token, createPasskey(await begin(fresh.access_token)).credential).expect(400)
  })

  it("whose count goes back sign nobody in, and are flagged", async () => {
    const { passkey, user } = await owner()
    passkey.signCount = 10
    await signIn(assertPasskey(passkey, await options())).expect(200)
    passkey.signCount = 9
    await signIn(assertPasskey(passkey, await options())).expect(401)
    assert.ok((await eventsOf(auth, user.id)).includes("passkey.counter-regressed"))
    passkey.signCount = 11
    await signIn(assertPasskey(passkey, await options())).expect(200)
  })

  it("come from apps on phones by the certificate of Android and the site of Apple, which files tell of", async () => {
    const { passkey } = await owner()
    for (const origin of [ANDROID, "https://localhost", "http://localhost:5173"]) {
      await signIn(assertPasskey(passkey, await options(), { origin })).expect(200)
    }
    const links = await auth.http.get("/.well-known/assetlinks.json").expect(200)
    assert.deepEqual(links.body[0], {
      relation: ["delegate_permission/common.get_login_creds"],
      target: {
        namespace: "android_app",
        package_name: "com.example.app",
        sha256_cert_fingerprints: [FINGERPRINT],
      },
    })
    const apple = await auth.http.get("/.well-known/apple-app-site-association").expect(200)
    assert.match(String(apple.headers["content-type"]), /^application\/json/)
    assert.deepEqual(apple.body, { webcredentials: { apps: [APPLE, APPLE] } })
  })

  it("are listed, renamed and deleted by their owner alone", async () => {
    const [one, two] = [await owner(), await owner()]
    const mine = `/v1/users/me/passkeys/${one.id}`
    const list = async (token: string) =>
      (await auth.http.get("/v1/users/me/passkeys").set(bearer(token)).expect(200)).body.items
    await auth.http.patch(mine).set(bearer(two.access_token)).send({ name: "Theirs" }).expect(404)
    await auth.http.delete(mine).set(bearer(two.access_token)).expect(404)
    await auth.http.patch(mine).set(bearer(one.access_token)).send({ name: "Blue key" }).expect(200)
    assert.deepEqual(
      (await list(one.access_token)).map(({ name }: { name: string }) => name),
      ["Blue key"],
    )
    await auth.http.delete(mine).set(bearer(one.access_token)).expect(200)
    assert.deepEqual(await list(one.access_token), [])
    await signIn(assertPasskey(one.passkey, await options())).expect(401)
    assert.equal(await countMails(auth, "second-factor-changed", one.email), 2)
  })

  it("are twenty at most, only for a verified address, and one stays with who has no password", async () => {
    const unverified = await register(auth)
    await post(auth, "/users/me/passkey-options", unverified.access_token).expect(403)

    const { access_token, user, id } = await owner()
    await auth.db.query("update auth.accounts set password_hash = null where id = ?", [user.id])
    const { body } = await auth.http
      .delete(`/v1/users/me/passkeys/${id}`)
      .set(bearer(access_token))
      .expect(409)
    assert.equal(body.code, "passkey.last")
    await auth.db.query(
      `insert into auth.passkeys (id, account_id, credential_id, public_key, sign_count, transports, is_synced, aaguid, name)
       select gen_random_uuid(), account_id, 'copy ' || n, public_key, 0, '{}', false, aaguid, name
       from auth.passkeys, generate_series(1, 19) n where account_id = ?`,
      [user.id],
    )
    await post(auth, "/users/me/passkey-options", access_token).expect(409)
  })

  // check 41
  it("sign nobody in whose account is disabled", async () => {
    const { passkey, user } = await owner()
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [user.id])
    await signIn(assertPasskey(passkey, await options())).expect(401)
  })

  it("are the second factor after a password, and prove it once more", async () => {
    const person = await secured(auth)
    const { passkey } = await addOne(person.access_token)
    const { body: refused } = await logIn(auth, person.email).expect(403)
    assert.deepEqual(refused.mfa.methods, ["totp", "recovery_code", "passkey"])
    const { challenge } = refused.mfa
    const asked = async (token: string) =>
      (await post(auth, "/auth/login/mfa/passkey", undefined, { challenge: token }).expect(200)).body
        .public_key
    const first = await asked(challenge)
    assert.equal(first.allowCredentials.length, 1)
    // Of another half sign-in, and of somebody else.
    const second = await challengeOf(auth, person.email)
    await answer(auth, second, { passkey: assertPasskey(passkey, first) }).expect(401)
    const other = await owner()
    const theirs = assertPasskey(other.passkey, await asked(challenge))
    await answer(auth, challenge, { passkey: theirs }).expect(401)
    const right = { passkey: assertPasskey(passkey, await asked(challenge)) }
    const { body } = await answer(auth, challenge, right).expect(200)
    assert.deepEqual(claimsOf(body.access_token).amr, ["pwd", "hwk", "user", "mfa"])

    const again = (await post(auth, "/auth/step-up/passkey", body.access_token).expect(200)).body.public_key
    const proof = { passkey: assertPasskey(passkey, again) }
    await post(auth, "/auth/step-up", body.access_token, proof).expect(200)
    await signInFully(auth, person)
    await answer(auth, await challengeOf(auth, person.email), { code: codeOf(person.secret) }).expect(200)
  })
})
