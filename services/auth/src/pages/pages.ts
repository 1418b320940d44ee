import { fileURLToPath } from "node:url"
import { Router } from "express"
import type { Parts } from "../wiring.js"
import { resetPasswordPage } from "./reset-password.page.js"
import { verifyEmailPage } from "./verify-email.page.js"

export type PageParts = Pick<Parts, "emailVerification" | "passwordReset" | "logger">

const STYLE_SHEET = fileURLToPath(new URL("../../assets/pages.css", import.meta.url))
const ONE_HOUR_MS = 3_600_000

/** The pages behind the links in mails. */
export function pages(parts: PageParts, policy: { minLength: number }): Router {
  const router = Router()
  router.get("/assets/pages.css", (_req, res) => res.sendFile(STYLE_SHEET, { maxAge: ONE_HOUR_MS }))
  router.use(verifyEmailPage(parts))
  router.use(resetPasswordPage(parts, policy))
  return router
}
