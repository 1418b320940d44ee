import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { until } from "@gatepost/testkit"
import { type OpenStream, openStream } from "../support/open-stream.js"
import {
  type Bundle,
  broadcast,
  markAllRead,
  type NotificationsProcess,
  send,
  setup,
} from "../support/setup.js"
import { serviceToken, signToken, userClaims, userToken } from "../support/signer.js"

describe("the stream of an inbox", () => {
  let notifications: Bundle
  let other: NotificationsProcess
  const opened: OpenStream[] = []

  before(async () => {
    notifications = await setup({ SERVICE_CLIENT_SECRET: "a-secret-of-the-service-client-0123" })
    other = await notifications.another()
  })
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close()
  })
  after(() => notifications.stop())

  const open = async (
    token: string,
    headers: Record<string, string> = {},
    { url } = notifications as NotificationsProcess,
  ) => {
    const stream = await openStream(url, token, headers)
    opened.push(stream)
    return stream
  }

  it("hints at once, also after a Last-Event-ID: nobody can know what they missed", async () => {
    const first = await open(userToken())
    assert.match(String(first.type), /^text\/event-stream/)
    const [, id = ""] = /^id: (\d+)$/m.exec(first.text()) ?? []
    const again = await open(userToken(), { "Last-Event-ID": id })
    assert.equal(again.hints(), 1)
  })

  it("hints at what another process committed, for this user and for everyone, and not for others", async () => {
    const userId = randomUUID()
    const mine = await open(userToken(userId))
    const theirs = await open(userToken())

    await send(other, { user_id: userId, title: "x", body: "x" }).expect(201)
    await until("a hint of one's own", () => mine.hints() === 2)
    await markAllRead(other, userToken(userId)).expect(200)
    await until("a hint of a change elsewhere", () => mine.hints() === 3)
    assert.equal(theirs.hints(), 1)

    await broadcast(other, { title: "x", body: "x" }).expect(201)
    await until("everyone's", () => mine.hints() === 4 && theirs.hints() === 2)
  })

  it("gathers many changes into one hint a second", async () => {
    const userId = randomUUID()
    const stream = await open(userToken(userId))
    const startedAt = Date.now()
    for (let index = 0; index < 30; index++) {
      await send(other, { user_id: userId, title: "x", body: "x" }).expect(201)
    }
    await until("a hint", () => stream.hints() > 1)
    assert.ok(stream.hints() <= 3 + (Date.now() - startedAt) / 1_000, stream.text())
  })

  it("ends with its token, and says when to come back", async () => {
    const exp = Math.floor(Date.now() / 1000) + 2
    const stream = await open(signToken({ ...userClaims(), exp }))
    await until("the end", stream.hasEnded)
    assert.match(stream.text(), /\nretry: \d{1,4}\n\n$/)
    assert.ok(Date.now() >= exp * 1_000)
  })

  // check 112
  it("ends when its session is revoked, and others go on", async () => {
    await until("the feed", () => notifications.keyServer.followers() === 2)
    const claims = userClaims()
    const token = signToken(claims)
    const [revoked, goesOn] = [await open(token), await open(userToken())]
    notifications.keyServer.revoke(claims.sid)
    await until("the end", revoked.hasEnded)
    assert.equal((await open(token)).status, 401)
    assert.equal(goesOn.hasEnded(), false)
  })

  it("is refused without a user's token, and beyond eight for one user", async () => {
    assert.equal((await open("x")).status, 401)
    assert.equal((await open(serviceToken())).status, 403)
    const token = userToken(randomUUID())
    for (let index = 0; index < 8; index++) assert.equal((await open(token)).status, 200)
    assert.equal((await open(token)).status, 429)
    opened.splice(-9, 1)[0]?.close()
    await until("a place", async () => (await open(token)).status === 200)
  })

  it("is ended by a stop, and those who come back don't come together", async () => {
    const stopping = await notifications.another()
    const streams = await Promise.all([1, 2, 3, 4].map(() => open(userToken(), {}, stopping)))
    await stopping.stop()
    const pauses = streams.map((stream) => Number(/\nretry: (\d+)\n\n$/.exec(stream.text())?.[1]))
    assert.ok(
      pauses.every((pause) => pause >= 2_000 && pause < 10_000),
      String(pauses),
    )
    assert.ok(new Set(pauses).size > 1)
  })
})
