import { evenly, Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import { Email } from "../../modules/accounts/index.js"
import { OneTimeCode } from "../../modules/one-time-codes/index.js"
import { admitted } from "../../modules/sessions/index.js"
import { form } from "../forms.js"
import { html } from "../html.js"
import { attempt } from "../interactions.js"
import { limited } from "../limited.js"
import { AT_ACCOUNT, type MailProof, mailCookie, tokenOf } from "../mail-proof.js"
import type { PageParts } from "../page-parts.js"
import { type AccountSignIn, admittedBy } from "./account-sign-in.pages.js"
import { type AccountVisits, fields } from "./account-visits.js"
import { wayBack } from "./way-back.js"

const PATH = "/account/by-mail"

/** Signs in to manage an account by a mail's link or code, in the browser that asked; as `signInLinkPages` for apps. */
export function accountMailPages(
  parts: PageParts,
  frame: { router: Router; read: readonly RequestHandler[]; visits: AccountVisits; signIn: AccountSignIn },
): void {
  const { limiter, sessions, signInLinks } = parts
  const { router, read, visits, signIn } = frame
  const cookie = mailCookie(parts.config.PUBLIC_URL)

  router.get(PATH, (req, res) => ask(req, res))
  router.post(PATH, ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const email = Email.safeParse(fields(req).email)
    const fault = await attempt(async () => {
      if (!email.success) throw new Problem("request.invalid")
      await limiter.admit("send-mail", context.ip)
      cookie.keep(res, `${AT_ACCOUNT}.${await evenly(signInLinks.request(email.data, context))}`)
      typeCode(req, res)
    })
    if (fault) ask(req, res, fault)
  })

  router.post(`${PATH}/code`, ...read, (req, res) => {
    const code = OneTimeCode.safeParse(fields(req).code)
    return finish(req, res, code.success ? { digits: code.data } : undefined)
  })
  // Opening the link changes nothing: its button does (check 49).
  router.get(`${PATH}/open`, (req, res) =>
    visits.send(req, res, (texts) => ({
      title: texts.byMailOpenTitle,
      body: html`<p>${texts.byMailOpenLead}</p>
      ${form({ action: `${PATH}/open`, hidden: { code: tokenOf(req) }, fields: [], button: texts.signIn })}`,
    })),
  )
  router.post(`${PATH}/open`, ...read, (req, res) => finish(req, res, { token: fields(req).code }))

  async function finish(req: Request, res: Response, fromMail: MailProof | undefined): Promise<void> {
    const context = visits.contextOf(req, res)
    const [place, binding] = cookie.read(req)?.split(".") ?? []
    const fault = await attempt(() =>
      limited(parts, "single-use", context.ip, async () => {
        if (!fromMail || !binding || place !== AT_ACCOUNT) throw new Problem("sign-in-link.invalid")
        const admission = await evenly(
          signInLinks.whileProved(binding, fromMail, context, (trx, account) =>
            sessions.admit(trx, account, ["otp"], context),
          ),
        )
        await signIn.welcome(req, res, admittedBy(admitted(admission)))
      }),
    )
    if (fault?.code === "mfa.required") signIn.goOn(req, res, fault)
    else if (fault) typeCode(req, res, fault)
  }

  function ask(req: Request, res: Response, fault?: Problem): void {
    visits.send(req, res, (texts) => ({
      status: fault?.status ?? 200,
      title: texts.byMailTitle,
      body: html`<p>${texts.byMailLead}</p>${form({
        action: PATH,
        hidden: { back: wayBack(req) },
        fields: [{ name: "email", label: texts.email, type: "email", autocomplete: "username" }],
        button: texts.sendLink,
        fault: fault && (fault.code === "request.invalid" ? texts.invalidEmail : texts.busy),
      })}
      <nav><a href="${wayBack(req)}">${texts.signIn}</a></nav>`,
    }))
  }

  function typeCode(req: Request, res: Response, fault?: Problem): void {
    visits.send(req, res, (texts) => ({
      status: fault?.status ?? 200,
      title: texts.linkSentTitle,
      body: html`<p role="status">${texts.byMailSent}</p>${form({
        action: `${PATH}/code`,
        hidden: { back: wayBack(req) },
        fields: [{ name: "code", label: texts.byMailCode, type: "text", autocomplete: "one-time-code" }],
        button: texts.signIn,
        fault: fault && (fault.code === "sign-in-link.invalid" ? texts.byMailCodeWrong : texts.busy),
      })}
      <nav><a href="${PATH}?back=${wayBack(req)}">${texts.byMailAgain}</a></nav>`,
    }))
  }
}
