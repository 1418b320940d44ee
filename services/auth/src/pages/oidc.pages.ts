import type { Apps } from "../modules/apps/index.js"
import type { OidcPageContext, OidcPages } from "../modules/oidc/index.js"
import { type Html, html } from "./html.js"
import { type Page, renderPage } from "./layout.js"
import { pickLanguage, type Texts, textsOf } from "./texts.js"

/** The pages that the provider shows by itself, in our clothes. */
export function oidcPages(apps: Apps): OidcPages {
  const show = (ctx: OidcPageContext, make: (texts: Texts) => Omit<Page, "language">) => {
    const language = pickLanguage(
      ctx.oidc?.params?.ui_locales as string | undefined,
      ctx.get("Accept-Language"),
    )
    const { headers, document } = renderPage({ ...make(textsOf(language)), language })
    ctx.set(headers)
    ctx.body = document
  }
  // The provider's own form has an id, hidden fields and no button; buttons join it by that id.
  const withForm = (form: string): Html => ({ html: form })

  return {
    error: async (ctx, out) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.errorTitle,
        body: html`<p role="alert">${texts.errorLead}</p><p><code>${out.error}</code> ${out.error_description ?? ""}</p>`,
      })),
    logout: async (ctx, form) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.logoutTitle,
        leadsTo: (ctx.oidc.params?.post_logout_redirect_uri as string | undefined) ?? "",
        body: html`<p>${texts.logoutLead}</p>${withForm(form)}
          <button autofocus type="submit" form="op.logoutForm" name="logout" value="yes">${texts.logout}</button>
          <button class="quiet" type="submit" form="op.logoutForm">${texts.stay}</button>`,
      })),
    signedOut: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.signedOut,
        body: html`<p>${texts.closePage}</p>`,
      })),
    deviceCode: async (ctx, form, _out, error) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.deviceTitle,
        body: html`<p>${texts.deviceLead}</p>${error ? html`<p role="alert">${texts.deviceWrong}</p>` : ""}
          ${withForm(form)}
          <button type="submit" form="op.deviceInputForm">${texts.next}</button>`,
      })),
    deviceConfirm: async (ctx, form, client, _device, userCode) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.deviceConfirmTitle(client.clientName ?? client.clientId),
        app: apps.find(client.clientId),
        body: html`<p>${texts.deviceConfirmLead(userCode)}</p>${withForm(form)}
          <button autofocus type="submit" form="op.deviceConfirmForm">${texts.allow}</button>
          <button class="quiet" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">${texts.deny}</button>`,
      })),
    deviceDone: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.deviceDone,
        body: html`<p>${texts.closePage}</p>`,
      })),
  }
}
