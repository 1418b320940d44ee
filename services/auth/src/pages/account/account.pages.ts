import express, { Router } from "express"
import type { PageParts } from "../page-parts.js"
import { sameOrigin } from "../same-origin.js"
import { accountCookie } from "./account-cookie.js"
import { accountFrame } from "./account-frame.js"
import { accountMailPages } from "./account-mail.pages.js"
import { accountRegisterPages } from "./account-register.pages.js"
import { accountSignInPages } from "./account-sign-in.pages.js"
import { accountSocialPages } from "./account-social.pages.js"
import { accountVisits } from "./account-visits.js"
import { activitySection } from "./sections/activity.section.js"
import { dataSection } from "./sections/data.section.js"
import { deletionSection } from "./sections/deletion.section.js"
import { emailSection } from "./sections/email.section.js"
import { factorsSection } from "./sections/factors.section.js"
import { overviewSection } from "./sections/overview.section.js"
import { passwordSection } from "./sections/password.section.js"
import { profileSection } from "./sections/profile.section.js"
import { providersSection } from "./sections/providers.section.js"
import { sessionsSection } from "./sections/sessions.section.js"

/**
 * Where a person manages their account without an app's help. Each section does what the JSON API does, by the same
 * services and for the same proof; forms come from this origin alone (check 91).
 */
export function accountPages(parts: PageParts, { minLength }: { minLength: number }): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const read = [
    sameOrigin(parts.config.PUBLIC_URL),
    express.urlencoded({ extended: false, limit: "16kb" }),
  ] as const
  const cookie = accountCookie(parts.config.PUBLIC_URL)
  const visits = accountVisits(parts, cookie)
  const signIn = accountSignInPages(parts, { router, read, cookie, visits })
  accountSocialPages(parts, { router, visits, signIn })
  accountMailPages(parts, { router, read, visits, signIn })
  accountRegisterPages(parts, { router, read, visits, signIn, minLength })

  router.post("/account/sign-out", ...read, async (req, res) => {
    const visit = await visits.find(req, res)
    if (visit) await parts.store.end(visit.session.id, "logout", visit.context)
    cookie.clear(res)
    visits.send(req, res, (texts) => ({ title: texts.signedOut, body: { html: "" } }))
  })

  const frame = accountFrame(parts, { router, read, visits, signIn })
  overviewSection(parts, frame)
  profileSection(parts, frame)
  emailSection(parts, frame)
  passwordSection(parts, frame, { cookie, minLength })
  factorsSection(parts, frame, cookie)
  providersSection(parts, frame, visits)
  sessionsSection(parts, frame)
  activitySection(parts, frame)
  dataSection(parts, frame)
  deletionSection(parts, frame, cookie)
  return router
}
