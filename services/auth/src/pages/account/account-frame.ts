import type { LimitName, Problem } from "@gatepost/http"
import type { RequestHandler, Router } from "express"
import { type Html, html } from "../html.js"
import { attempt } from "../interactions.js"
import { limited } from "../limited.js"
import type { PageParts } from "../page-parts.js"
import type { Texts } from "../texts/index.js"
import type { AccountSignIn } from "./account-sign-in.pages.js"
import type { AccountPage, AccountVisits, Visit } from "./account-visits.js"
import type { AccountTexts } from "./texts/index.js"
import { HOME, pathOf, type SectionName } from "./way-back.js"

/** Shows a section's page, with what was refused there. */
export type ShowSection = (visit: Visit, fault?: Problem) => Promise<void>

export interface FormOptions {
  /** Whether it takes a sign-in of just now (`sessions.assertFresh`), as the JSON API's call for the same does. */
  isFresh?: boolean
  limit?: LimitName
}

export type AccountFrame = ReturnType<typeof accountFrame>

/** What the account's sections have in common: who may see them, and what a form of theirs goes through. */
export function accountFrame(
  parts: PageParts,
  frame: { router: Router; read: readonly RequestHandler[]; visits: AccountVisits; signIn: AccountSignIn },
) {
  const { router, read, visits, signIn } = frame

  return {
    section(name: SectionName | "home", show: ShowSection) {
      const here = name === "home" ? HOME : pathOf(name)

      router.get(here, async (req, res) => {
        const visit = await visits.find(req, res)
        if (visit) await showTo(visit)
        else signIn.show(req, res, { back: here })
      })

      return {
        /** The same page again, which says that it is done. */
        done: ({ res }: Visit, what = "yes") => res.redirect(303, `${here}?done=${what}`),

        form(path: string, { isFresh = false, limit = "none" }: FormOptions, work: ShowSection): void {
          const whenProved: ShowSection = async (visit) => {
            await (isFresh ? parts.sessions.assertFresh : parts.sessions.assertLevel)(visit.caller)
            await limited(parts, limit, visit.context.ip, () => work(visit))
          }
          router.post(HOME + path, ...read, during(whenProved))
        },

        /** A link of this site's that leads away: what it does is checked as a form is. */
        link(path: string, handlers: readonly RequestHandler[], work: ShowSection): void {
          const counted: ShowSection = (visit) =>
            limited(parts, "social", visit.context.ip, () => work(visit))
          router.get(HOME + path, ...handlers, during(counted))
        },
      }

      function during(work: ShowSection): RequestHandler {
        return async (req, res) => {
          const visit = await visits.find(req, res)
          if (!visit) return signIn.show(req, res, { back: here })
          const fault = await attempt(() => work(visit))
          if (fault?.code === "mfa.step-up-required") askAgain(visit, fault)
          else if (fault) await showTo(visit, fault)
        }
      }

      // Without the second factor there is nothing to see either.
      async function showTo(visit: Visit, fault?: Problem): Promise<void> {
        const refusal = await attempt(() => parts.sessions.assertLevel(visit.caller))
        if (refusal) askAgain(visit, refusal)
        else await show(visit, fault)
      }

      function askAgain({ req, res, session }: Visit, fault: Problem): void {
        signIn.show(req, res, { fault, back: here, email: session.account.email })
      }
    },

    /** A page of a section: under the way back to all of them. */
    send({ req, res }: Visit, make: (texts: Texts, own: AccountTexts) => AccountPage): void {
      visits.send(req, res, (texts, own) => ({
        isWide: true,
        back: { href: HOME, label: own.back },
        ...make(texts, own),
      }))
    },
  }
}

/** What is said of a refusal; `invalid` of what this section's form was sent. */
export function faultText(fault: Problem | undefined, texts: Texts, own: AccountTexts, invalid?: string) {
  if (!fault) return undefined
  if (fault.code === "request.invalid" && invalid) return invalid
  return own.faults[fault.code] ?? texts.busy
}

/** What a page says on top: what was refused, or else what was done. */
export function notice(said: { fault?: string | undefined; done?: string | undefined }): Html {
  if (said.fault) return html`<p role="alert">${said.fault}</p>`
  return said.done ? html`<p role="status">${said.done}</p>` : html``
}

/** What of a page's own was done just now, as its address says. */
export const doneOf = ({ req }: Visit): string => (typeof req.query.done === "string" ? req.query.done : "")
