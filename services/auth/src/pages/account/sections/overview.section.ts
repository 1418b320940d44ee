import { accountsRepository } from "../../../modules/accounts/index.js"
import { type Html, html, join } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import type { AccountFrame } from "../account-frame.js"
import type { AccountTexts } from "../texts/index.js"
import { pathOf, type SectionName } from "../way-back.js"

/** One line of the overview: a section, and how things stand there. */
type Line = [section: SectionName, title: string, status: string]

/** All that there is to manage, and how it stands. */
export function overviewSection(parts: PageParts, frame: AccountFrame): void {
  const { database, identities, secondFactors, sessions } = parts

  frame.section("home", async (visit) => {
    const { account } = visit.session
    const [hasPassword, totp, passkeys, linked, live] = await Promise.all([
      accountsRepository(database.db).hasPassword(account.id),
      secondFactors.totp.overview(account.id),
      secondFactors.passkeys.list(account.id),
      identities.list(visit.caller),
      sessions.list(visit.caller),
    ])
    const providers = [...new Set(linked.map(({ provider }) => identities.nameOf(provider)))]

    frame.send(visit, (texts, own) => {
      const { email, passwords, factors, profile, activity, data, deletion } = own
      const proved = account.emailVerified ? email.proved : email.unproved
      const you: Line[] = [
        ["profile", profile.title, account.name ?? profile.none],
        ["email", email.title, `${account.email} · ${proved}`],
      ]
      const signIn: Line[] = [
        ["password", passwords.title, hasPassword ? passwords.set : passwords.none],
        ["factors", factors.title, factors.status(totp.enabledAt !== undefined, passkeys.length)],
        ["providers", own.providers.title, providers.join(", ") || own.providers.none],
        ["sessions", own.sessions.title, own.sessions.status(live.length)],
      ]
      const kept: Line[] = [
        ["activity", activity.title, activity.status],
        ["data", data.title, data.status],
        ["delete", deletion.title, deletion.status],
      ]
      return {
        title: own.title,
        back: undefined,
        body: html`<p class="who">${texts.signedInAs} <b>${account.email}</b></p>
      ${group(own.groups.you, you)}
      ${group(own.groups.signIn, signIn)}
      ${group(own.groups.data, kept)}
      ${signOut(own)}`,
      }
    })
  })
}

const group = (title: string, lines: Line[]): Html => html`<h2>${title}</h2>
      <ul class="rows">${join(lines.map(([section, name, status]) => html`<li><a href="${pathOf(section)}"><b>${name}</b><span>${status}</span></a></li>`))}</ul>`

const signOut = (own: AccountTexts): Html =>
  html`<form method="post" action="/account/sign-out"><button class="quiet">${own.signOut}</button></form>`
