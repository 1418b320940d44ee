import { fileURLToPath } from "node:url"
import { Router } from "express"
import { accountPages } from "./account/account.pages.js"
import { adminInvitationPage } from "./admin-invitation.page.js"
import { emailChangePages } from "./email-change.pages.js"
import { forgotPasswordPage } from "./forgot-password.page.js"
import { interactionPages } from "./interaction.pages.js"
import type { PageParts } from "./page-parts.js"
import { resetPasswordPage } from "./reset-password.page.js"
import { verifyEmailPage } from "./verify-email.page.js"

const ASSETS = fileURLToPath(new URL("../../assets/", import.meta.url))
const ONE_HOUR_MS = 3_600_000

/** What people see: the pages of a sign-in, and those behind the links in mails. */
export function pages(parts: PageParts, policy: { minLength: number }): Router {
  const router = Router()
  for (const name of ["pages.css", "icon.svg", "passkey.js"]) {
    router.get(`/assets/${name}`, (_req, res) => res.sendFile(name, { root: ASSETS, maxAge: ONE_HOUR_MS }))
  }
  router.use(interactionPages(parts, policy))
  router.use(accountPages(parts, policy))
  router.use(forgotPasswordPage(parts))
  router.use(verifyEmailPage(parts))
  router.use(resetPasswordPage(parts, policy))
  router.use(emailChangePages(parts))
  router.use(adminInvitationPage(parts, policy))
  return router
}
