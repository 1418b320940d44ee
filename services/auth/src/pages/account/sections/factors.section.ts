import { Problem } from "@gatepost/http"
import { isUuid } from "@gatepost/runtime"
import { DisplayName } from "../../../modules/accounts/index.js"
import { TotpCode } from "../../../modules/second-factors/index.js"
import { deviceOf } from "../../../modules/sessions/index.js"
import { html } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { attestationIn } from "../../presented-factor.js"
import { passkeyBody } from "../account.views.js"
import type { AccountCookie } from "../account-cookie.js"
import { type AccountFrame, faultText, notice } from "../account-frame.js"
import { fields, type Visit } from "../account-visits.js"
import { pathOf } from "../way-back.js"
import { factorsBody, recoveryBody, setUpBody } from "./factors.views.js"

const HERE = pathOf("factors")
const isFresh = true

/** Codes from an app, recovery codes and passkeys: each change takes a fresh sign-in with all that the account has. */
export function factorsSection(
  { secondFactors }: PageParts,
  frame: AccountFrame,
  cookie: AccountCookie,
): void {
  const { totp, passkeys } = secondFactors
  const back = (own: { factors: { title: string } }) => ({ href: HERE, label: own.factors.title })

  const { form } = frame.section("factors", async (visit, fault) => {
    const { id } = visit.session.account
    const { enabledAt, isPaused, recoveryCodesLeft } = await totp.overview(id)
    const view = {
      totp: { isOn: enabledAt !== undefined, isPaused },
      recoveryCodesLeft,
      passkeys: await passkeys.list(id),
    }
    frame.send(visit, (texts, own) => ({
      status: fault?.status ?? 200,
      title: own.factors.title,
      body: html`${notice({ fault: faultText(fault, texts, own) })}${factorsBody(view, own)}`,
    }))
  })

  form("/totp", { isFresh }, async (visit) => {
    const view = await totp.begin(visit.session)
    frame.send(visit, (_texts, own) => ({
      isWide: false,
      images: "data",
      back: back(own),
      title: own.totp.title,
      body: setUpBody(view, own),
    }))
  })
  form("/totp/confirm", { isFresh }, async (visit) => {
    const code = TotpCode.safeParse(fields(visit.req).code)
    if (!code.success) throw new Problem("mfa.proof-invalid")
    const { tokens, recoveryCodes } = await totp.confirm(visit.session, code.data, visit.context)
    cookie.write(visit.res, tokens.accessToken)
    showRecoveryCodes(visit, recoveryCodes)
  })
  form("/totp/disable", { isFresh }, async (visit) => {
    cookie.write(visit.res, (await totp.disable(visit.session, visit.context)).accessToken)
    visit.res.redirect(303, HERE)
  })
  form("/recovery-codes", { isFresh }, async (visit) =>
    showRecoveryCodes(visit, await totp.replaceRecoveryCodes(visit.caller.userId, visit.context)),
  )
  form("/passkeys/new", { isFresh }, async (visit) => {
    const options = await passkeys.beginRegistration(visit.session.account)
    frame.send(visit, (texts, own) => ({
      isWide: false,
      title: own.passkeys.add,
      back: back(own),
      script: "passkey.js",
      body: passkeyBody(
        { action: "/account/passkeys", lead: own.passkeys.adding, options, isNew: true, back: HERE },
        texts,
      ),
    }))
  })
  form("/passkeys", { isFresh }, async ({ req, res, session, context }) => {
    const response = attestationIn(fields(req).credential)
    if (!response) throw new Problem("passkey.registration-invalid")
    const made = { response, name: deviceOf(context.userAgent) }
    await passkeys.register(session.account, made, context)
    res.redirect(303, HERE)
  })
  form("/passkeys/:id/rename", { isFresh }, async ({ req, res, caller, context }) => {
    const name = DisplayName.safeParse(fields(req).name)
    if (!name.success) throw new Problem("request.invalid")
    await passkeys.rename(caller.userId, idOf(req.params), name.data, context)
    res.redirect(303, HERE)
  })
  form("/passkeys/:id/delete", { isFresh }, async ({ req, res, caller, context }) => {
    await passkeys.remove(caller.userId, idOf(req.params), context)
    res.redirect(303, HERE)
  })

  function showRecoveryCodes(visit: Visit, codes: string[]): void {
    frame.send(visit, (_texts, own) => ({
      back: back(own),
      title: own.recovery.title,
      body: recoveryBody(codes, own),
    }))
  }
}

/** @throws Problem `passkey.not-found` */
function idOf({ id }: { id?: string | string[] }): string {
  if (typeof id !== "string" || !isUuid(id)) throw new Problem("passkey.not-found")
  return id
}
