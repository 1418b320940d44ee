import { readableOn, safeColor } from "./colors.js"
import { type Html, html } from "./html.js"
import type { Language } from "./languages.js"
import type { Letter } from "./letter.js"
import type { Phrases } from "./phrases.js"

export interface Page {
  language: Language
  say: Phrases
  app: { name: string; color: string }
  greeting: string
  content: Letter
}

const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"

// Mail programs know tables and inline styles; those that know a stylesheet get the dark colours by it.
const DARK = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page { background-color: #0f1216 !important; }
    .card { background-color: #191d23 !important; border-color: #2b313a !important; }
    .strong { color: #f4f6f8 !important; }
    .plain { color: #d3d9e0 !important; }
    .quiet { color: #98a2ae !important; }
    .rule { border-color: #2b313a !important; }
  }
  @media (max-width: 520px) { .card-cell { padding: 28px 24px !important; } }`

/** The page of every mail: the app's name and colour, one thing to do, the small print. */
export function layout({ language, say, app, greeting, content }: Page): string {
  const color = safeColor(app.color)
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${content.subject}</title>
<style>${{ markup: DARK }}</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f3f5f7;">
<div style="display:none;max-height:0;overflow:hidden;">${content.paragraphs[0] ?? ""}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f3f5f7;">
<tr><td align="center" style="padding:40px 16px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;">
<tr><td class="strong" style="${{ markup: FONT }}padding:0 4px 20px;font-size:17px;font-weight:700;color:#171c22;">
<span style="display:inline-block;width:12px;height:12px;border-radius:6px;background-color:${color};"></span>&nbsp; ${app.name}
</td></tr>
<tr><td class="card" style="background-color:#ffffff;border:1px solid #e2e6ea;border-radius:14px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0">
<tr><td class="card-cell" style="${{ markup: FONT }}padding:40px;">
<h1 class="strong" style="margin:0 0 20px;font-size:24px;line-height:1.3;font-weight:700;color:#171c22;">${content.heading}</h1>
${[greeting, ...content.paragraphs].map(paragraph)}
${content.action ? button(content.action, color, say) : ""}
${content.notes.length > 0 ? smallPrint(content.notes) : ""}
</td></tr></table>
</td></tr>
<tr><td class="quiet" style="${{ markup: FONT }}padding:20px 4px 0;font-size:13px;line-height:1.5;color:#66717d;">${say.automatic(app.name)}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`
  return page.markup
}

const paragraph = (text: string): Html =>
  html`<p class="plain" style="margin:0 0 16px;font-size:16px;line-height:1.6;color:#3a434d;">${text}</p>
`

const smallPrint = (notes: string[]): Html =>
  html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin-top:28px;">
<tr><td class="rule" style="border-top:1px solid #e2e6ea;padding-top:20px;">
${notes.map(note)}
</td></tr></table>
`

const note = (text: string): Html =>
  html`<p class="quiet" style="margin:0 0 8px;font-size:13px;line-height:1.6;color:#66717d;">${text}</p>
`

function button(action: { label: string; link: string }, color: string, say: Phrases): Html {
  return html`<table role="presentation" cellpadding="0" cellspacing="0" style="margin:28px 0;"><tr>
<td align="center" bgcolor="${color}" style="border-radius:10px;background-color:${color};">
<a href="${action.link}" style="${{ markup: FONT }}display:inline-block;padding:14px 28px;font-size:16px;font-weight:600;line-height:1.25;color:${readableOn(color)};text-decoration:none;border-radius:10px;">${action.label}</a>
</td></tr></table>
<p class="quiet" style="margin:0;font-size:13px;line-height:1.6;color:#66717d;">${say.linkInstead}<br>
<a href="${action.link}" class="quiet" style="color:#66717d;word-break:break-all;">${action.link}</a></p>
`
}

/** The same for whoever reads plain text. */
export function plainText({ say, app, greeting, content }: Page): string {
  const { heading, paragraphs, action, notes } = content
  const parts = [heading, greeting, ...paragraphs]
  if (action) parts.push(`${action.label}:\n${action.link}`)
  parts.push(...notes, `-- \n${say.automatic(app.name)}`)
  return `${parts.join("\n\n")}\n`
}
