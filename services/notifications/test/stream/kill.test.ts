import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { type Client, createClient, memoryStorage } from "@gatepost/client"
import { freePort, until } from "@gatepost/testkit"
import { IDEMPOTENCY_SECRET, PUBLIC_URL } from "../support/settings.js"
import { type Bundle, countUnread, send, setup } from "../support/setup.js"
import { serviceToken, userToken } from "../support/signer.js"

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

describe("a notifications process that is killed", () => {
  let notifications: Bundle
  let port: number
  let victim: ChildProcess | undefined
  const clients: Client[] = []

  before(async () => {
    notifications = await setup()
    port = await freePort()
  })
  after(async () => {
    for (const client of clients) client.close()
    victim?.kill("SIGKILL")
    await notifications.stop()
  })

  const url = () => `http://127.0.0.1:${port}`

  async function start(): Promise<ChildProcess> {
    const { db, keyServer } = notifications
    const child = spawn(process.execPath, [MAIN], {
      stdio: "ignore",
      env: {
        PORT: String(port),
        PUBLIC_URL,
        JWKS_URL: keyServer.url,
        DATABASE_URL: db.urlOf("gatepost_notifications"),
        LOG_LEVEL: "fatal",
        IDEMPOTENCY_SECRET,
      },
    })
    const isReady = () =>
      fetch(`${url()}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    await until("the process", isReady, 10_000)
    return child
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill("SIGKILL")
    await once(child, "exit")
  }

  /** An app's client; who signs in is not what is tried here, so the answer to that is made up. */
  async function signIn(userId: string): Promise<Client> {
    const user = { id: userId, email: "p@example.com", is_active: true, email_verified: true, created_at: "" }
    const tokens = { access_token: userToken(userId), refresh_token: "x", expires_in: 1_800, user }
    const client = createClient({
      baseUrl: url(),
      storage: memoryStorage(),
      // A stop of a server is no reason to wait long in a test.
      random: () => 0,
      fetch: async (input, init) =>
        String(input).endsWith("/v1/auth/login") ? Response.json(tokens) : fetch(input, init),
    })
    await client.login({ email: user.email, password: "x" })
    clients.push(client)
    return client
  }

  it("mid-stream, leaves clients that come to the count there is, and miss nothing", async () => {
    victim = await start()
    const users = Array.from({ length: 4 }, () => randomUUID())
    const apps = await Promise.all(users.map(signIn))
    const heard = apps.map(() => 0)
    apps.forEach((app, index) => {
      app.notifications.unread.subscribe(() => {
        heard[index] = (heard[index] ?? 0) + 1
      })
    })
    await until("the first counts", () => apps.every((app) => app.notifications.unread.get() === 0))

    for (let round = 0; round < 10; round++) {
      if (round === 4) await kill(victim)
      // Sent through a process that lives on, while the one of the streams is away.
      await Promise.all(
        users.map((user_id) => send(notifications, { user_id, title: "x", body: "x" }).expect(201)),
      )
      if (round === 7) victim = await start()
    }
    await until("the last counts", () => apps.every((app) => app.notifications.unread.get() === 10), 15_000)
    for (const [index, user] of users.entries()) {
      assert.equal(await countUnread(notifications, userToken(user)), 10)
      const { items } = (await apps[index]?.notifications.list({ unread: true })) ?? { items: [] }
      assert.equal(items.length, 10)
    }

    await apps[0]?.notifications.markAllRead()
    await until("a change of one's own", () => apps[0]?.notifications.unread.get() === 0)
    assert.ok(heard.every((count) => count >= 2))
    await kill(victim)
  }).timeout(40_000)

  it("mid-broadcast, has told everyone once after the sender's retries", async () => {
    const user = randomUUID()
    const before = await countUnread(notifications, userToken(user))
    for (const delayMs of [2, 8]) {
      victim = await start()
      const key = randomUUID()
      const post = (base: string) =>
        fetch(`${base}/v1/notifications/broadcasts`, {
          method: "POST",
          headers: {
            Authorization: `Bearer ${serviceToken()}`,
            "Content-Type": "application/json",
            "Idempotency-Key": key,
          },
          body: JSON.stringify({ title: "All", body: "x", category: `after-${delayMs}` }),
        })
      const cut = post(url()).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await kill(victim)
      await cut
      assert.equal((await post(notifications.url)).status, 201)
    }
    assert.equal(await countUnread(notifications, userToken(user)), before + 2)
  }).timeout(40_000)
})
