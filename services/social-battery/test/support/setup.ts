import { randomUUID } from "node:crypto"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import supertest from "supertest"
import { readConfig } from "#src/config.js"
import { start } from "#src/start.js"
import { PUBLIC_URL, startKeyServer, userToken } from "./auth-server.js"

export type Bundle = Awaited<ReturnType<typeof setup>>

/** What every process of these tests is set to. */
export const settings = (db: TestDatabase, jwksUrl: string): Record<string, string> => ({
  PORT: "0",
  HOST: "127.0.0.1",
  PUBLIC_URL,
  JWKS_URL: jwksUrl,
  DATABASE_URL: db.urlOf("gatepost_social_battery"),
  SHUTDOWN_DRAIN_SECONDS: "0",
  LOG_LEVEL: "fatal",
})

/** A whole service: a database of its own, and a key server in the auth service's place. */
export async function setup(env: Record<string, string> = {}, keysAreUp = true) {
  const db = await testDatabase()
  const keyServer = await startKeyServer()
  keyServer.isUp = keysAreUp
  const running = await start(readConfig({ ...settings(db, keyServer.url), ...env }))
  const url = `http://127.0.0.1:${running.port}`
  return {
    db,
    keyServer,
    url,
    http: supertest(url),
    async stop() {
      await running.stop()
      await keyServer.close()
      await db.drop()
    },
  }
}

/** Somebody with a token, and the calls they make. */
export async function person({ http }: Bundle, claims: object = {}, id: string = randomUUID()) {
  const token = await userToken(id, claims)
  const bearer = ["Authorization", `Bearer ${token}`] as const
  const pathOf = (userId = id) => `/social-battery/${userId}`
  return {
    id,
    token,
    read: (userId?: string) => http.get(pathOf(userId)).set(...bearer),
    record: (body: object, { userId, key }: { userId?: string; key?: string } = {}) => {
      const call = http.post(`${pathOf(userId)}/record`).set(...bearer)
      return (key === undefined ? call : call.set("Idempotency-Key", key)).send(body)
    },
    activity: (query: object = {}, userId?: string) =>
      http
        .get(`${pathOf(userId)}/activity`)
        .set(...bearer)
        .query(query),
  }
}

export type Person = Awaited<ReturnType<typeof person>>

/** As the API tells it. */
export interface Interaction {
  id: string
  user_id: string
  interaction_type: string
  energy_change: number
  note: string | null
  level: number
  created_at: string
}

export const walk = (energy_change: number) => ({ interaction_type: "walk", energy_change })
