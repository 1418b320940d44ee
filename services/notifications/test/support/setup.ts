import { serve } from "@gatepost/http"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import supertest from "supertest"
import { createNotificationsApp } from "#src/app.js"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { type KeyServer, startKeyServer } from "./key-server.js"
import { IDEMPOTENCY_SECRET, PUBLIC_URL } from "./settings.js"
import { keys, serviceToken } from "./signer.js"

export interface NotificationsProcess {
  url: string
  http: ReturnType<typeof supertest>
  stop(): Promise<void>
}

export interface Bundle extends NotificationsProcess {
  db: TestDatabase
  keyServer: KeyServer
  /** A further process over the same database. */
  another(): Promise<NotificationsProcess>
}

/** A whole notifications service: a database of its own, and a key server in the auth service's place. */
export async function setup(env: Record<string, string> = {}, keysAreUp = true): Promise<Bundle> {
  const db = await testDatabase()
  const keyServer = await startKeyServer([keys.published.jwk], keysAreUp)
  const start = async (): Promise<NotificationsProcess> => {
    const parts = wire(
      readConfig({
        PORT: "0",
        PUBLIC_URL,
        JWKS_URL: keyServer.url,
        DATABASE_URL: db.urlOf("gatepost_notifications"),
        SHUTDOWN_DRAIN_SECONDS: "0",
        RATE_LIMITS: "off",
        LOG_LEVEL: "fatal",
        IDEMPOTENCY_SECRET,
        ...env,
      }),
    )
    const { port, stop } = await serve(createNotificationsApp(parts), parts)
    const url = `http://127.0.0.1:${port}`
    return { url, http: supertest(url), stop }
  }
  const processes = [await start()]

  return {
    ...(processes[0] as NotificationsProcess),
    db,
    keyServer,
    async another() {
      const process = await start()
      processes.push(process)
      return process
    },
    async stop() {
      for (const { stop } of processes) await stop()
      await keyServer.close()
      await db.drop()
    },
  }
}

export interface Notification {
  id: string
  user_id: string
  title: string
  body: string
  category: string
  data: unknown
  link: string | null
  actions: unknown[]
  created_at: string
  visible_at: string
  expires_at: string | null
  is_read: boolean
  is_seen: boolean
  is_archived: boolean
}

/** Sends as the service `backend` does. */
export const send = ({ http }: NotificationsProcess, body: object, token = serviceToken()) =>
  http.post("/v1/notifications").set("Authorization", `Bearer ${token}`).send(body)

export const list = (
  { http }: NotificationsProcess,
  token: string,
  query: Record<string, string | number> = {},
) => http.get("/v1/notifications").set("Authorization", `Bearer ${token}`).query(query)

export const markAllRead = ({ http }: NotificationsProcess, token: string) =>
  http.post("/v1/notifications/mark-all-read").set("Authorization", `Bearer ${token}`)

export const markRead = ({ http }: NotificationsProcess, token: string, id: string) =>
  http.post(`/v1/notifications/${id}/read`).set("Authorization", `Bearer ${token}`)

/** `read`, `unread`, `seen`, `archive`, `unarchive` or `snooze`. */
export const change = (
  { http }: NotificationsProcess,
  token: string,
  id: string,
  what: string,
  body?: object,
) => http.post(`/v1/notifications/${id}/${what}`).set("Authorization", `Bearer ${token}`).send(body)

export const remove = ({ http }: NotificationsProcess, token: string, id: string) =>
  http.post(`/v1/notifications/${id}/delete`).set("Authorization", `Bearer ${token}`)

export const countUnread = async ({ http }: NotificationsProcess, token: string): Promise<number> => {
  const answer = await http
    .get("/v1/notifications/unread-count")
    .set("Authorization", `Bearer ${token}`)
    .expect(200)
  return answer.body.unread_count
}

export const broadcast = ({ http }: NotificationsProcess, body: object, token = serviceToken()) =>
  http.post("/v1/notifications/broadcasts").set("Authorization", `Bearer ${token}`).send(body)

export const sendToMany = ({ http }: NotificationsProcess, body: object, token = serviceToken()) =>
  http.post("/v1/notifications/batch").set("Authorization", `Bearer ${token}`).send(body)

export const keepTemplate = (
  { http }: NotificationsProcess,
  name: string,
  body: object,
  token = serviceToken(),
) => http.put(`/v1/notifications/templates/${name}`).set("Authorization", `Bearer ${token}`).send(body)
