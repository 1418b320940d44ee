import assert from "node:assert/strict"
import {
  ApiError,
  type Client,
  createClient,
  memoryStorage,
  SignedOutError,
  type StorageAdapter,
} from "#src/index.js"
import { type AuthService, startAuthService } from "./support/auth-service.js"
import { openTcpProxy, type TcpProxy } from "./support/tcp-proxy.js"
import { totp } from "./support/totp.js"

const PASSWORD = "a few plain words"

describe("with the auth service", () => {
  let auth: AuthService
  let line: TcpProxy
  let number = 0

  before(async function () {
    this.timeout(60_000)
    auth = await startAuthService()
    line = await openTcpProxy(auth.url)
  })
  after(async () => {
    await line?.stop()
    await auth?.stop()
  })

  const newEmail = () => `person-${++number}@example.com`
  const open = (storage = memoryStorage()): Client =>
    createClient({ baseUrl: line.url, clientId: "jobswipe", storage })
  const count = async (table: string): Promise<number> => {
    const [row] = await auth.db.query<{ count: number }>(`select count(*)::int from ${table}`)
    return row?.count ?? 0
  }

  it("registers once though the first answer is cut off", async () => {
    const client = open()
    const email = newEmail()
    const [accounts, sessions, cuts] = [
      await count("auth.accounts"),
      await count("auth.sessions"),
      line.cuts(),
    ]
    line.cutAnswers(1)
    const { user } = await client.register({ email, password: PASSWORD, name: "Ada" })

    assert.equal(line.cuts(), cuts + 1)
    assert.equal(user.email, email)
    assert.equal(await count("auth.accounts"), accounts + 1)
    assert.equal(await count("auth.sessions"), sessions + 1)
    assert.deepEqual(await client.me(), user)
  })

  it("logs in, and tells why it did not", async () => {
    const client = open()
    const email = newEmail()
    await open().register({ email, password: PASSWORD })
    await assert.rejects(client.login({ email, password: "wrong" }), {
      name: "ApiError",
      status: 401,
      code: "session.credentials-invalid",
      title: "Invalid email or password",
    })
    await assert.rejects(client.register({ email, password: "short" }), (error) => {
      assert.ok(error instanceof ApiError && error.code === "request.invalid")
      assert.equal(error.errors[0]?.pointer, "/password")
      return true
    })
    line.cutRequests(1)
    await client.login({ email: email.toUpperCase(), password: PASSWORD })
    assert.equal((await client.me()).email, email)
  })

  it("finishes a sign-in by a second factor, steps up, and has a device remembered", async () => {
    const client = open()
    const email = newEmail()
    const { user } = await client.register({ email, password: PASSWORD })
    await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [user.id])
    const send = async (path: string, body: object = {}) => {
      const headers = { "Content-Type": "application/json" }
      const answer = await client.fetch(path, { method: "POST", headers, body: JSON.stringify(body) })
      return (await answer.json()) as Record<string, string>
    }
    const { secret = "" } = await send("/v1/users/me/mfa/totp")
    const { recovery_codes } = await send("/v1/users/me/mfa/totp/confirm", { code: totp(secret) })
    const [first = "", second = ""] = recovery_codes as unknown as string[]

    const refused = await client.login({ email, password: PASSWORD }).catch((error: ApiError) => error)
    assert.ok(refused instanceof ApiError && refused.code === "mfa.required" && refused.mfa)
    const { challenge } = refused.mfa
    const signedIn = await client.answerMfa({ challenge, recovery_code: first, remember_device: true })
    assert.equal((await client.me()).id, user.id)

    const mfa_device_token = signedIn.mfaDeviceToken ?? ""
    await client.login({ email, password: PASSWORD, mfa_device_token })
    assert.equal((await client.fetch("/v1/auth/sessions")).status, 403)
    await client.stepUp({ recovery_code: second })
    assert.equal((await client.fetch("/v1/auth/sessions")).status, 200)
  })

  it("keeps what its device is known by where the app wants that, beyond a sign-out, and nowhere else", async () => {
    const storage = memoryStorage()
    const email = newEmail()
    await open().register({ email, password: PASSWORD })
    const known = () => count("auth.known_devices where kind = 'device'")
    const before = await known()
    await open(storage).login({ email, password: PASSWORD })
    assert.equal(await known(), before)
    for (let round = 0; round < 2; round++) {
      const client = createClient({ baseUrl: line.url, clientId: "jobswipe", storage, keepDevice: true })
      await client.login({ email, password: PASSWORD })
      await client.logout()
      // The second time it is the same device.
      assert.equal(await known(), before + 1)
    }
  })

  it("keeps the session when the answers to a refresh are cut off, and forks nothing", async () => {
    const client = open()
    await client.register({ email: newEmail(), password: PASSWORD })
    for (let round = 0; round < 3; round++) {
      line.cutAnswers(2)
      await client.refresh()
      await client.me()
    }
    const successors = await auth.db.query(
      "select parent_hash from auth.refresh_tokens where parent_hash is not null group by 1 having count(*) > 1",
    )
    assert.deepEqual(successors, [])
    const [theft] = await auth.db.query<{ count: number }>(
      "select count(*)::int from auth.audit_events where event = 'session.refresh-reused'",
    )
    assert.equal(theft?.count, 0)
  })

  it("goes on after a crash between the refresh and its answer", async () => {
    const storage = memoryStorage()
    const crashing = createClient({
      baseUrl: line.url,
      clientId: "jobswipe",
      storage,
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        return String(input).endsWith("/refresh") ? new Promise<Response>(() => {}) : response
      },
      timeoutMs: 200,
    })
    await crashing.register({ email: newEmail(), password: PASSWORD })
    await assert.rejects(crashing.refresh(), { name: "NetworkError" })
    crashing.close()

    const client = open(storage)
    await client.refresh()
    await client.refresh()
    assert.equal((await client.me()).id, client.session()?.user.id)
  })

  it("logs out: nothing of the session is worth anything, here or there", async () => {
    const values = new Map<string, string>()
    const client = open(storageOver(values))
    await client.register({ email: newEmail(), password: PASSWORD })
    const copy = new Map(values)
    await client.logout()
    assert.equal(values.size, 0)
    await assert.rejects(client.me(), SignedOutError)
    await assert.rejects(open(storageOver(copy)).me(), SignedOutError)
  })

  it("signs out when the session was ended by a theft", async () => {
    const values = new Map<string, string>()
    const client = open(storageOver(values))
    await client.register({ email: newEmail(), password: PASSWORD })
    const stolen = JSON.parse([...values.values()].join()).refresh_token
    await client.refresh()
    await client.refresh()
    const answer = await fetch(`${auth.url}/v1/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: stolen }),
    })
    assert.equal(answer.status, 401)
    const events: unknown[] = []
    client.onChange((event) => events.push(event))
    await assert.rejects(client.me(), SignedOutError)
    assert.deepEqual(events, [{ type: "signed-out", reason: "session-ended" }])
  })

  it("asks for mails, and hands on what the server says of a bad reset token", async () => {
    const client = open()
    const email = newEmail()
    await client.register({ email, password: PASSWORD })
    assert.match((await client.forgotPassword({ email })).message, /reset link/)
    assert.match((await client.requestVerification({ email })).message, /verification link/)
    await assert.rejects(client.resetPassword({ token: "no", new_password: PASSWORD }), {
      name: "ApiError",
      code: "password.reset-token-invalid",
    })
  })
})

const storageOver = (values: Map<string, string>): StorageAdapter => ({
  get: (key) => values.get(key),
  set: (key, value) => values.set(key, value),
  remove: (key) => values.delete(key),
  subscribe: () => () => {},
})
