import { codesFromMails, tokensFromMails } from "./mails.js"
import { newEmail, PASSWORD, register, type Tokens } from "./people.js"
import type { Bundle } from "./setup.js"

export const askForEmail = ({ http }: Bundle, accessToken: string, new_email: string, password = PASSWORD) =>
  http.post("/v1/users/me/email").set("Authorization", `Bearer ${accessToken}`).send({ new_email, password })

export const confirmByCode = ({ http }: Bundle, accessToken: string, otp: string) =>
  http.post("/v1/users/me/email/confirm").set("Authorization", `Bearer ${accessToken}`).send({ otp })

export const confirmByLink = ({ http }: Bundle, token: string) =>
  http.post("/v1/auth/email-change/confirm").send({ token })

export const undo = ({ http }: Bundle, token: string) =>
  http.post("/v1/auth/email-change/undo").send({ token })

/** The newest proof that an address was sent for becoming somebody's. */
export async function proofsTo(auth: Bundle, email: string): Promise<{ token: string; code: string }> {
  const [tokens, codes] = await Promise.all([
    tokensFromMails(auth, "confirm-new-email", email),
    codesFromMails(auth, "confirm-new-email", email),
  ])
  return { token: tokens.at(-1) ?? "none", code: codes.at(-1) ?? "none" }
}

export const undoTokenTo = async (auth: Bundle, email: string): Promise<string> =>
  (await tokensFromMails(auth, "email-changed", email)).at(-1) ?? "none"

/** Somebody with a verified address who has asked for another one. */
export async function moving(
  auth: Bundle,
): Promise<Tokens & { from: string; to: string; token: string; code: string }> {
  const person = await register(auth)
  const [link] = await tokensFromMails(auth, "verify-email", person.user.email)
  await auth.http.get(`/v1/auth/verify-email/${link}`).expect(200)
  const to = newEmail()
  await askForEmail(auth, person.access_token, to).expect(200)
  return { ...person, from: person.user.email, to, ...(await proofsTo(auth, to)) }
}
