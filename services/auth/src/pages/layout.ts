import type { Response } from "express"
import { type Html, html } from "./html.js"

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ")

/** Sends a page that loads nothing but its style sheet and tells no other site where it was (check 49). */
export function sendPage(res: Response, page: { title: string; status?: number; body: Html }): void {
  res.set({
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
  })
  const document = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${page.title}</title>
    <link rel="stylesheet" href="/assets/pages.css">
  </head>
  <body>
    <main>
      <h1>${page.title}</h1>
      ${page.body}
    </main>
  </body>
</html>`
  res
    .status(page.status ?? 200)
    .type("html")
    .send(document.html)
}
