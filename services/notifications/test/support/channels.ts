import { randomBytes, randomUUID } from "node:crypto"
import { createSealer } from "@gatepost/runtime"
import { until } from "@gatepost/testkit"
import { type FcmService, startFcmService } from "./fcm-service.js"
import { type PushService, startPushService } from "./push-service.js"
import { type Bundle, type NotificationsProcess, send, setup } from "./setup.js"
import { serviceToken, userToken } from "./signer.js"

export const MAIL_SECRET = "test-mails-on-their-way-0123456789"

export interface ChannelsBundle extends Bundle {
  push: PushService
  fcm: FcmService
}

/** The service with a mail pipeline, a push service and FCM around it. */
export async function setupChannels(env: Record<string, string> = {}): Promise<ChannelsBundle> {
  const fcm = await startFcmService()
  let publicKey = ""
  const push = await startPushService(() => publicKey)
  const bundle = await setup({
    MAIL_ENCRYPTION_SECRET: MAIL_SECRET,
    VAPID_PRIVATE_KEY: randomBytes(32).toString("base64url"),
    EGRESS_ALLOW: "loopback",
    FCM_SERVICE_ACCOUNT_FILE: fcm.file,
    FCM_URL: fcm.url,
    ...env,
  })
  publicKey = (await bundle.http.get("/v1/notifications/web-push-key").expect(200)).body.public_key
  return {
    ...bundle,
    push,
    fcm,
    async stop() {
      await bundle.stop()
      await push.close()
      await fcm.close()
    },
  }
}

const authorised = (userId: string) => ({ Authorization: `Bearer ${userToken(userId)}` })

export const register = ({ http }: NotificationsProcess, userId: string, body: object) =>
  http.put("/v1/notifications/devices").set(authorised(userId)).send(body)

export const devicesOf = async ({ http }: NotificationsProcess, userId: string) =>
  (await http.get("/v1/notifications/devices").set(authorised(userId)).expect(200)).body.items as {
    id: string
    kind: string
    name: string | null
  }[]

export const changePreferences = ({ http }: NotificationsProcess, userId: string, body: object) =>
  http.patch("/v1/notifications/preferences").set(authorised(userId)).send(body)

export const preferencesOf = async ({ http }: NotificationsProcess, userId: string) =>
  (await http.get("/v1/notifications/preferences").set(authorised(userId)).expect(200)).body

export const learn = ({ http }: NotificationsProcess, ...facts: object[]) =>
  http
    .post("/v1/notifications/facts")
    .set("Authorization", `Bearer ${serviceToken("gatepost-auth", "facts:write")}`)
    .send({ facts })

export const APPS = {
  kind: "apps",
  version: 1,
  apps: [
    { client_id: "movr", name: "Movr", mail_from: "hi@movr.example", color: "#0a7d55", is_default: false },
    {
      client_id: "jobswipe",
      name: "JobSwipe",
      mail_from: "hi@jobswipe.example",
      color: "#2457d6",
      is_default: true,
    },
  ],
}

export const contactFact = (userId: string, more: object = {}) => ({
  kind: "contact",
  version: 1,
  user_id: userId,
  email: `${userId}@example.com`,
  email_verified: true,
  name: "Ada Lovelace",
  locale: "en",
  is_active: true,
  ...more,
})

/** Somebody whom mails reach. */
export async function person(bundle: Bundle, more: object = {}): Promise<string> {
  const userId = randomUUID()
  await learn(bundle, APPS, contactFact(userId, more)).expect(200)
  return userId
}

export const notify = async (bundle: NotificationsProcess, userId: string, more: object = {}) =>
  (
    await send(bundle, {
      user_id: userId,
      title: "Hello",
      body: "You have a match",
      category: "match",
      ...more,
    }).expect(201)
  ).body.id as string

export interface DeliveryRow {
  id: string
  channel: string
  outcome: string | null
  tries: number
  due_at: Date
  last_answer: string | null
  seconds: number
}

export const deliveriesOf = ({ db }: Bundle, userId: string) =>
  db.query<DeliveryRow>(
    `select id, channel, outcome, tries, due_at, last_answer, extract(epoch from due_at - now())::float as seconds
     from notifications.deliveries where user_id = :userId order by created_at, channel`,
    { userId },
  )

/** Waits until so many deliveries of a person have ended, and gives all. */
export async function ended(bundle: Bundle, userId: string, count: number): Promise<DeliveryRow[]> {
  await until(`${count} deliveries that have ended`, async () => {
    const rows = await deliveriesOf(bundle, userId)
    return rows.filter(({ outcome }) => outcome !== null).length >= count
  })
  return deliveriesOf(bundle, userId)
}

/** Waits until a person's messages are planned. */
export const planned = ({ db }: Bundle, userId: string) =>
  until("the plan", async () => {
    const rows = await db.query(
      "select from notifications.messages where user_id = :userId and due_at is not null",
      {
        userId,
      },
    )
    return rows.length === 0
  })

/** As if their time had come. */
export const hasten = ({ db }: Bundle, userId: string) =>
  db.query(
    "update notifications.deliveries set due_at = now() where user_id = :userId and ended_at is null",
    {
      userId,
    },
  )

export interface StoredMail {
  kind: string
  lane: string
  policy: string
  recipient: string
  locale: string | null
  payload: {
    app: { name: string; from: string }
    greeting_name?: string
    unsubscribe_url: string
    title?: string
    notices?: { title: string }[]
    more?: number
    time_zone?: string
  }
}

const sealer = createSealer(MAIL_SECRET, "mail")

/** What the mail pipeline has for an address. */
export async function mailsTo({ db }: Bundle, recipient: string): Promise<StoredMail[]> {
  const rows = await db.query<Omit<StoredMail, "payload"> & { id: string; payload: Buffer }>(
    "select id, kind, lane, policy, recipient, locale, payload from mail.messages where recipient = :recipient order by id",
    { recipient },
  )
  return rows.map((row) => ({ ...row, payload: JSON.parse(sealer.open(row.payload, row.id)) }))
}
