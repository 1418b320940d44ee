import { catalogue, Problem, type ProblemCode } from "@gatepost/http"
import type { Request } from "express"
import { type Html, html, join } from "./html.js"
import type { Texts } from "./texts/index.js"

export interface Provider {
  id: string
  name: string
}

/** Links, not forms: a form's redirects would be held to this page's form-action, and nobody knows where providers lead. */
export function providerLinks(
  providers: Provider[],
  hrefOf: (provider: string) => string,
  texts: Texts,
): Html {
  if (providers.length === 0) return html``
  const links = providers.map(
    ({ id, name }) => html`<a class="provider" href="${hrefOf(id)}">${texts.continueWith(name)}</a>`,
  )
  return html`<p class="or"><span>${texts.or}</span></p>
      <div class="providers">${join(links)}</div>`
}

/** What went wrong with a provider, as the redirect to the sign-in page says it; its words are ours. */
export function socialFault(req: Request): Problem | undefined {
  const { fault } = req.query
  const isOurs = typeof fault === "string" && fault.startsWith("social.") && Object.hasOwn(catalogue, fault)
  return isOurs ? new Problem(fault as ProblemCode) : undefined
}
