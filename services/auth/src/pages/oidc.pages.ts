import type { Apps } from "../modules/apps/index.js"
import type { OidcPageContext, OidcPages } from "../modules/oidc/index.js"
import { form } from "./forms.js"
import { type Html, html } from "./html.js"
import { type Page, renderPage } from "./layout.js"
import { pickLanguage, type Texts, textsOf } from "./texts/index.js"

const LOGOUT_FORM = "op.logoutForm"
const DEVICE_FORM = "op.deviceConfirmForm"

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
  const appOf = (ctx: OidcPageContext) => apps.find(ctx.oidc?.client?.clientId ?? "")
  // The provider's own forms have an id, hidden fields and no button; buttons join them by that id.
  const withForm = (form: string): Html => ({ html: form })

  return {
    error: async (ctx, out) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.errorTitle,
        body: html`<p>${texts.errorLead}</p>
          <p><code>${out.error}</code> ${out.error_description ?? ""}</p>`,
      })),
    logout: async (ctx, form) => {
      const leadsTo = ctx.oidc.params?.post_logout_redirect_uri as string | undefined
      const page = { app: appOf(ctx), leadsTo }
      // RP-Initiated Logout section 2: an ID token of this very person says that the app asks for them.
      if (isAskedByTheirApp(ctx)) {
        return show(ctx, (texts) => ({
          ...page,
          title: texts.logoutGoing,
          submits: LOGOUT_FORM,
          body: html`${withForm(form)}
            <input type="hidden" form="${LOGOUT_FORM}" name="logout" value="yes">
            <button form="${LOGOUT_FORM}">${texts.logout}</button>`,
        }))
      }
      show(ctx, (texts) => ({
        ...page,
        title: texts.logoutTitle,
        body: html`<p>${texts.logoutLead}</p>${withForm(form)}
          <button form="${LOGOUT_FORM}" name="logout" value="yes">${texts.logout}</button>
          <button class="quiet" form="${LOGOUT_FORM}">${texts.stay}</button>`,
      }))
    },
    signedOut: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        app: appOf(ctx as OidcPageContext),
        isDone: true,
        title: texts.signedOut,
        body: html`<p>${texts.closePage}</p>`,
      })),
    stillSignedIn: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        app: appOf(ctx as OidcPageContext),
        title: texts.stillSignedIn,
        body: html`<p>${texts.closePage}</p>`,
      })),
    deviceLost: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.errorTitle,
        body: html`<p>${texts.deviceLost}</p>
          <nav><a href="${ctx.oidc.urlFor("code_verification")}">${texts.deviceTitle}</a></nav>`,
      })),
    deviceCode: async (ctx, _form, _out, error) =>
      show(ctx as OidcPageContext, (texts) => deviceCodePage(ctx as OidcPageContext, texts, error)),
    deviceConfirm: async (ctx, form, client, _device, userCode) =>
      show(ctx as OidcPageContext, (texts) => ({
        title: texts.deviceConfirmTitle(client.clientName ?? client.clientId),
        app: apps.find(client.clientId),
        body: html`<p>${texts.deviceConfirmLead}</p><p class="code">${userCode}</p>${withForm(form)}
          <button form="${DEVICE_FORM}">${texts.allow}</button>
          <button class="quiet" form="${DEVICE_FORM}" name="abort" value="yes">${texts.deny}</button>`,
      })),
    deviceDone: async (ctx) =>
      show(ctx as OidcPageContext, (texts) => ({
        app: appOf(ctx as OidcPageContext),
        isDone: true,
        title: texts.deviceDone,
        body: html`<p>${texts.deviceDoneLead}</p>`,
      })),
  }
}

/** Not the provider's own form: its field has no label, and a handler that our policy forbids. */
function deviceCodePage(ctx: OidcPageContext, texts: Texts, error?: Error & { userCode?: string }) {
  if (error?.name === "AbortedError") {
    return { title: texts.deviceDenied, body: html`<p>${texts.closePage}</p>` }
  }
  const { secret = "" } = (ctx.oidc.session?.state ?? {}) as { secret?: string }
  const fault = error && (texts.deviceFaults[error.name] ?? texts.deviceAgain)
  const code = { name: "user_code", label: texts.deviceCode, type: "text", autocomplete: "off" } as const
  return {
    title: texts.deviceTitle,
    body: html`<p>${texts.deviceLead}</p>${form({
      action: ctx.oidc.urlFor("code_verification"),
      hidden: { xsrf: secret },
      fields: [{ ...code, value: error?.userCode }],
      button: texts.next,
      fault,
    })}`,
  }
}

function isAskedByTheirApp({ oidc }: OidcPageContext): boolean {
  const hint = oidc.entities.IdTokenHint as { payload: { sub?: string } } | undefined
  const isTheirs = hint !== undefined && hint.payload.sub === oidc.session?.accountId
  return isTheirs && oidc.session?.grantIdFor(oidc.client?.clientId ?? "") !== undefined
}
