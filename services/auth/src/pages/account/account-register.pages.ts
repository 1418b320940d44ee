import { Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import { registerBody } from "../../modules/registration/index.js"
import { form } from "../forms.js"
import { html } from "../html.js"
import { faultText, signUpFields } from "../interaction.views.js"
import { attempt } from "../interactions.js"
import { limited } from "../limited.js"
import type { PageParts } from "../page-parts.js"
import type { AccountSignIn } from "./account-sign-in.pages.js"
import { type AccountVisits, fields } from "./account-visits.js"

const PATH = "/account/register"

/** A new account, for who comes without an app. */
export function accountRegisterPages(
  parts: PageParts,
  frame: {
    router: Router
    read: readonly RequestHandler[]
    visits: AccountVisits
    signIn: AccountSignIn
    minLength: number
  },
): void {
  const { router, read, visits, signIn, minLength } = frame
  const Person = registerBody(minLength)

  router.get(PATH, (req, res) => show(req, res))
  router.post(PATH, ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const { email, password, name } = fields(req)
    const fault = await attempt(() =>
      limited(parts, "register", context.ip, async () => {
        const person = Person.safeParse({ email, password, ...(name && { name }) })
        if (!person.success) throw invalid(person.error.issues)
        const made = await parts.registration.register(person.data, context)
        const { access_token: accessToken, device_token: deviceToken } = made
        await signIn.welcome(req, res, { accessToken, accountId: made.user.id, deviceToken })
      }),
    )
    if (fault) show(req, res, fault)
  })

  function show(req: Request, res: Response, fault?: Problem): void {
    const { email, name } = fields(req)
    visits.send(req, res, (texts) => ({
      status: fault?.status ?? 200,
      title: texts.register,
      body: html`${form({
        action: PATH,
        button: texts.register,
        fault: fault && faultText(fault, texts, minLength),
        fields: signUpFields({ texts, email, name, minLength }),
      })}
      <nav><span>${texts.haveAccount} <a href="/account">${texts.signIn}</a></span></nav>`,
    }))
  }
}

const invalid = (issues: { path: PropertyKey[]; message: string }[]) =>
  new Problem("request.invalid", {
    errors: issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message })),
  })
