import { Problem } from "@gatepost/http"
import { isUuid } from "@gatepost/runtime"
import { type Html, html, join } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { sameOrigin } from "../../same-origin.js"
import { answerOf, isCancelled } from "../../social-answer.js"
import { type AccountFrame, doneOf, faultText, notice } from "../account-frame.js"
import type { AccountVisits } from "../account-visits.js"
import type { AccountTexts } from "../texts/index.js"

type Identity = Awaited<ReturnType<PageParts["identities"]["list"]>>[number]

/** The accounts elsewhere that somebody signs in with. */
export function providersSection(
  { config, identities, social }: PageParts,
  frame: AccountFrame,
  { app }: AccountVisits,
): void {
  const endOf = (provider: string) => `${config.PUBLIC_URL}/account/providers/${provider}/end`

  const section = frame.section("providers", async (visit, fault) => {
    const linked = await identities.list(visit.caller)
    const others = social.list(app).filter(({ id }) => !linked.some(({ provider }) => provider === id))
    frame.send(visit, (texts, own) => {
      const said = fault && (texts.socialFaults[fault.code] ?? faultText(fault, texts, own))
      const done = { linked: own.providers.linked, unlinked: own.providers.unlinked }[doneOf(visit)]
      return {
        status: fault?.status ?? 200,
        title: own.providers.title,
        body: html`${notice({ fault: said, done })}
      <p>${leadOf(linked.length, others.length, own)}</p>
      ${linked.length > 0 ? html`<ul class="rows">${join(linked.map((item) => row(item, identities.nameOf(item.provider), own)))}</ul>` : ""}
      <div class="providers">${join(others.map(({ id, name }) => html`<a class="provider" href="/account/providers/${id}/link">${own.providers.link(name)}</a>`))}</div>`,
      }
    })
  })

  section.link("/providers/:provider/link", [sameOrigin(config.PUBLIC_URL)], async ({ caller, req, res }) => {
    const provider = String(req.params.provider)
    res.redirect(303, await identities.beginHere(caller, provider, endOf(provider)))
  })
  // From elsewhere: its state is the proof that this session began it (check 99).
  section.link("/providers/:provider/end", [], async (visit) => {
    const { caller, context, req, res } = visit
    if (isCancelled(req)) return res.redirect(303, "/account/providers")
    const answer = Object.fromEntries(answerOf(req.query))
    await identities.link(caller, String(req.params.provider), { answer }, context)
    section.done(visit, "linked")
  })

  section.form("/providers/:id/unlink", { isFresh: true }, async (visit) => {
    const { id } = visit.req.params
    if (typeof id !== "string" || !isUuid(id)) throw new Problem("identity.not-found")
    await identities.unlink(visit.caller, id, visit.context)
    section.done(visit, "unlinked")
  })
}

function leadOf(linked: number, others: number, { providers: own }: AccountTexts): string {
  if (linked > 0) return own.lead
  return others > 0 ? own.noneLead : own.nobody
}

const row = (
  { id, email, createdAt }: Identity,
  name: string,
  { providers: own }: AccountTexts,
): Html => html`<li>
          <p><b>${name}</b>${email ? html`<span>${email}</span>` : ""}<span>${own.since(createdAt)}</span></p>
          <form method="post" action="/account/providers/${id}/unlink"><button class="quiet">${own.unlink} <span class="unseen">${name}</span></button></form>
        </li>`
