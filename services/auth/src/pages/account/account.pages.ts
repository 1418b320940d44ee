import { Problem } from "@gatepost/http"
import { isUuid } from "@gatepost/runtime"
import express, { Router } from "express"
import { DisplayName } from "../../modules/accounts/index.js"
import { TotpCode } from "../../modules/second-factors/index.js"
import { deviceOf } from "../../modules/sessions/index.js"
import { attempt } from "../interactions.js"
import type { PageParts } from "../page-parts.js"
import { attestationIn } from "../presented-factor.js"
import { sameOrigin } from "../same-origin.js"
import { overviewBody, passkeyBody, recoveryBody, setUpBody } from "./account.views.js"
import { accountCookie } from "./account-cookie.js"
import { accountSignInPages } from "./account-sign-in.pages.js"
import { accountVisits, fields, type Visit } from "./account-visits.js"

/**
 * Where a person without an app's help sets up how they sign in: codes from an app, recovery codes, passkeys.
 * Each visit begins with a sign-in, so that it is fresh; forms come from this origin alone (check 91).
 */
export function accountPages(parts: PageParts): Router {
  const { secondFactors, sessions, store } = parts
  const router = Router({ caseSensitive: true, strict: true })
  const read = [
    sameOrigin(parts.config.PUBLIC_URL),
    express.urlencoded({ extended: false, limit: "16kb" }),
  ] as const
  const cookie = accountCookie(parts.config.PUBLIC_URL)
  const visits = accountVisits(parts, cookie)
  const signIn = accountSignInPages(parts, { router, read, cookie, visits })

  router.get("/account", async (req, res) => {
    const visit = await visits.find(req, res)
    if (visit) await showOverview(visit)
    else signIn.show(req, res)
  })
  router.post("/account/sign-out", ...read, async (req, res) => {
    const visit = await visits.find(req, res)
    if (visit) await store.end(visit.session.id, "logout", visit.context)
    cookie.clear(res)
    visits.send(req, res, (texts) => ({ title: texts.signedOut, body: { html: "" } }))
  })

  own("/totp", async (visit) => showSetUp(visit, await secondFactors.totp.begin(visit.session)))
  own("/totp/confirm", async (visit) => {
    const code = TotpCode.safeParse(fields(visit.req).code)
    if (!code.success) throw new Problem("mfa.proof-invalid")
    const { tokens, recoveryCodes } = await secondFactors.totp.confirm(
      visit.session,
      code.data,
      visit.context,
    )
    cookie.write(visit.res, tokens.accessToken)
    showRecoveryCodes(visit, recoveryCodes)
  })
  own("/totp/disable", async (visit) => {
    cookie.write(visit.res, (await secondFactors.totp.disable(visit.session, visit.context)).accessToken)
    visit.res.redirect(303, "/account")
  })
  own("/recovery-codes", async (visit) =>
    showRecoveryCodes(
      visit,
      await secondFactors.totp.replaceRecoveryCodes(visit.caller.userId, visit.context),
    ),
  )
  own("/passkeys/new", async ({ req, res, session }) => {
    const options = await secondFactors.passkeys.beginRegistration(session.account)
    visits.send(req, res, (texts, { passkeys: own }) => ({
      title: own.add,
      script: "passkey.js",
      body: passkeyBody({ action: "/account/passkeys", lead: own.adding, options, isNew: true }, texts),
    }))
  })
  own("/passkeys", async ({ req, res, session, context }) => {
    const response = attestationIn(fields(req).credential)
    if (!response) throw new Problem("passkey.registration-invalid")
    const made = { response, name: deviceOf(context.userAgent) }
    await secondFactors.passkeys.register(session.account, made, context)
    res.redirect(303, "/account")
  })
  own("/passkeys/:id/rename", async ({ req, res, caller, context }) => {
    const name = DisplayName.safeParse(fields(req).name)
    if (!name.success) throw new Problem("request.invalid")
    await secondFactors.passkeys.rename(caller.userId, idOf(req.params), name.data, context)
    res.redirect(303, "/account")
  })
  own("/passkeys/:id/delete", async ({ req, res, caller, context }) => {
    await secondFactors.passkeys.remove(caller.userId, idOf(req.params), context)
    res.redirect(303, "/account")
  })
  return router

  /** A form of somebody who has just proved who they are, with all that their account asks for. */
  function own(path: string, work: (visit: Visit) => Promise<void>): void {
    router.post(`/account${path}`, ...read, async (req, res) => {
      const visit = await visits.find(req, res)
      if (!visit) return signIn.show(req, res)
      const fault = await attempt(async () => {
        await sessions.assertFresh(visit.caller)
        await work(visit)
      })
      if (fault?.code === "mfa.step-up-required") signIn.show(req, res, fault)
      else if (fault) await showOverview(visit, fault)
    })
  }

  async function showOverview({ req, res, session, caller }: Visit, fault?: Problem): Promise<void> {
    // Without the second factor there is nothing to see either.
    const refusal = await attempt(() => sessions.assertLevel(caller))
    if (refusal) return signIn.show(req, res, refusal)
    const { id, email } = session.account
    const { enabledAt, isPaused, recoveryCodesLeft } = await secondFactors.totp.overview(id)
    const passkeys = await secondFactors.passkeys.list(id)
    visits.send(req, res, (texts, own) => {
      const said = fault && (own.faults[fault.code] ?? texts.busy)
      const totp = { isOn: enabledAt !== undefined, isPaused }
      const view = { email, fault: said, totp, recoveryCodesLeft, passkeys }
      return { status: fault?.status ?? 200, title: own.title, body: overviewBody(view, texts, own) }
    })
  }

  function showSetUp({ req, res }: Visit, view: { secret: string; qrCode: string }): void {
    visits.send(req, res, (_texts, own) => ({
      images: "data",
      title: own.totp.title,
      body: setUpBody(view, own),
    }))
  }

  function showRecoveryCodes({ req, res }: Visit, codes: string[]): void {
    visits.send(req, res, (_texts, own) => ({ title: own.recovery.title, body: recoveryBody(codes, own) }))
  }
}

/** @throws Problem `passkey.not-found` */
function idOf({ id }: { id?: string | string[] }): string {
  if (typeof id !== "string" || !isUuid(id)) throw new Problem("passkey.not-found")
  return id
}
