import { randomBytes } from "node:crypto"
import type { ServerResponse } from "node:http"
import { inkOn, type Language } from "@gatepost/contracts"
import { type Html, html } from "./html.js"

export interface Page {
  title: string
  body: Html
  language?: Language
  /** The app that the page belongs to. */
  app?: { client_name: string; colors: { primary: string } } | undefined
  /** Where a form on it may lead in the end, besides here: browsers hold redirects to it (CSP, form-action). */
  leadsTo?: string | undefined
  /** Whether it says that something is done. */
  isDone?: boolean
  /** The id of a form that goes by itself where there is JavaScript. */
  submits?: string | undefined
  /** The page that it stands under, as a link above all. */
  back?: { href: string; label: string } | undefined
  /** Whether it shows more than a form. */
  isWide?: boolean
  /** A script of ours among the assets. */
  script?: string | undefined
  /** Whether it shows some that are part of it. */
  images?: "data" | undefined
}

/** The headers and document of a page that loads nothing but its style sheet, and tells no site where it was. */
export function renderPage(page: Page): { headers: Record<string, string>; document: string } {
  const nonce = randomBytes(16).toString("base64")
  const accent = page.app?.colors.primary
  const document = html`<!doctype html>
<html lang="${page.language ?? "en"}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${page.title}</title>
    <link rel="icon" href="/assets/icon.svg">
    <link rel="stylesheet" href="/assets/pages.css">
    ${accent ? html`<style nonce="${nonce}">:root { --accent: ${accent}; --on-accent: ${inkOn(accent)}; }</style>` : ""}
  </head>
  <body>
    <main${page.isWide ? html` class="wide"` : ""}>
      ${page.back ? html`<p class="back"><a href="${page.back.href}">${page.back.label}</a></p>` : ""}
      ${page.app ? emblem(page.app.client_name) : ""}
      ${page.isDone ? html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12.5l4.5 4.5L19 7"/></svg>` : ""}
      <h1>${page.title}</h1>
      ${page.body}
    </main>
    ${page.submits ? html`<script nonce="${nonce}">document.getElementById("${page.submits}").submit()</script>` : ""}
    ${page.script ? html`<script nonce="${nonce}" src="/assets/${page.script}"></script>` : ""}
  </body>
</html>`
  return { headers: headers(nonce, page), document: document.html }
}

export function sendPage(res: ServerResponse, page: Page & { status?: number }): void {
  const { headers, document } = renderPage(page)
  res.writeHead(page.status ?? 200, headers)
  res.end(document)
}

function headers(nonce: string, { leadsTo, submits, script, images }: Page): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `img-src 'self'${images === "data" ? " data:" : ""}`,
    `style-src 'self' 'nonce-${nonce}'`,
    ...(submits || script ? [`script-src 'nonce-${nonce}'`] : []),
    `form-action 'self'${formTarget(leadsTo)}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy.join("; "),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
  }
}

function emblem(name: string): Html {
  const [initial = ""] = name
  return html`<p class="app"><span aria-hidden="true">${initial.toUpperCase()}</span>${name}</p>`
}

function formTarget(leadsTo: string | undefined): string {
  if (!leadsTo || !URL.canParse(leadsTo)) return ""
  const { protocol, origin } = new URL(leadsTo)
  return ` ${/^https?:$/.test(protocol) ? origin : protocol}`
}
