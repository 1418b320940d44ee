import { randomBytes } from "node:crypto"
import type { ServerResponse } from "node:http"
import { inkOn, type Language } from "@gatepost/contracts"
import { type Html, html } from "./html.js"

export interface Page {
  status?: number
  language: Language
  /** The app that the page belongs to. */
  app: { name: string; color: string } | undefined
  title: string
  body: Html
}

/** A page that loads nothing, runs nothing, and tells no site where it was: its address holds a key. */
export function sendPage(res: ServerResponse, { status = 200, language, app, title, body }: Page): void {
  const nonce = randomBytes(16).toString("base64")
  const accent = app && /^#[0-9a-f]{6}$/i.test(app.color) ? app.color : "#2f3b4a"
  const document = html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style nonce="${nonce}">:root { --accent: ${accent}; --on-accent: ${inkOn(accent)}; }${STYLE}</style>
  </head>
  <body>
    <main>
      ${app ? html`<p class="app"><span aria-hidden="true">${[...app.name][0]?.toUpperCase() ?? ""}</span>${app.name}</p>` : ""}
      <h1>${title}</h1>
      ${body}
    </main>
  </body>
</html>`
  res.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
  })
  res.end(document.html)
}

const STYLE: Html = {
  html: `
:root { color-scheme: light dark; --ink: light-dark(#16181d, #eceef2); --soft: light-dark(#5c6370, #a4abb8);
  --paper: light-dark(#ffffff, #1a1d23); --ground: light-dark(#f5f6f8, #0f1115); --line: light-dark(#e3e6eb, #2e333d);
  --edge: light-dark(#868d9b, #707888); --focus: light-dark(#2563eb, #7aa7ff); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 2rem 1rem;
  background: var(--ground); color: var(--ink); font: 1rem / 1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 25.5rem; padding: 2.25rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 12px 32px rgb(0 0 0 / 5%); }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.015em; text-wrap: balance; overflow-wrap: anywhere; }
p { margin: 0 0 1.25rem; color: var(--soft); text-wrap: pretty; overflow-wrap: anywhere; }
.app { display: flex; align-items: center; gap: 0.75rem; margin-bottom: 1.5rem; font-weight: 600; color: var(--ink); }
.app span { flex: none; width: 2.5rem; line-height: 2.5rem; text-align: center; font-size: 1.15rem;
  color: var(--on-accent); background: var(--accent); border-radius: 0.7rem; }
.category { display: inline-block; margin: 0 0 1.25rem; padding: 0.2rem 0.7rem; border: 1px solid var(--line);
  border-radius: 99px; font-size: 0.925rem; color: var(--ink); }
form { margin: 0 0 0.75rem; }
button { width: 100%; min-height: 2.9rem; padding: 0.6rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: 0.6rem; }
button.second { color: var(--ink); background: transparent; border-color: var(--edge); }
button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.small { margin-top: 1.5rem; font-size: 0.875rem; }
main > :last-child { margin-bottom: 0; }
@media (max-width: 30rem) {
  body { place-items: start stretch; padding: 0; background: var(--paper); }
  main { max-width: none; padding: 2.5rem 1.5rem; border: 0; box-shadow: none; }
}
`,
}
