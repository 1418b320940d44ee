import assert from "node:assert/strict"
import type { AuthProcess } from "./setup.js"

export const PASSWORD = "a few plain words"

export interface Tokens {
  access_token: string
  refresh_token: string
  user: { id: string; email: string }
}

let number = 0

/** An address nobody in this run has. */
export const newEmail = () => `person-${++number}@example.com`

/** Registers somebody new and returns their tokens. */
export async function register({ http }: AuthProcess, email = newEmail(), name?: string): Promise<Tokens> {
  const answer = await http
    .post("/v1/auth/register")
    .send({ email, password: PASSWORD, ...(name && { name }) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

export const logIn = ({ http }: AuthProcess, email: string, password = PASSWORD) =>
  http.post("/v1/auth/login").send({ email, password })

export const refresh = ({ http }: AuthProcess, refresh_token: string) =>
  http.post("/v1/auth/refresh").send({ refresh_token })

export const me = ({ http }: AuthProcess, accessToken: string) =>
  http.get("/v1/auth/me").set("Authorization", `Bearer ${accessToken}`)

export const logOut = ({ http }: AuthProcess, accessToken: string) =>
  http.post("/v1/auth/logout").set("Authorization", `Bearer ${accessToken}`)
