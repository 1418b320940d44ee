import { inkOn, type Language, type MailApp } from "@gatepost/contracts"
import type { Letter, Notice, Phrases } from "./letter.js"
import { type Mjml, mjml, toHtml } from "./mjml.js"

export interface Page {
  language: Language
  phrases: Phrases
  app: Pick<MailApp, "name" | "color">
  greeting: string
  letter: Letter
  unsubscribeUrl: string | undefined
}

const HEX = /^#[0-9a-f]{6}$/i
const NEUTRAL = "#2f3b4a"

/** The page of every mail: the app's name and colour, one thing to do, the small print. */
export function layout({ language, phrases, app, greeting, letter, unsubscribeUrl }: Page): string {
  const color = HEX.test(app.color) ? app.color : NEUTRAL
  const { subject, heading, paragraphs, notices = [], action, code, notes } = letter

  return toHtml(mjml`<mjml lang="${language}">
<mj-head>
  <mj-title>${subject}</mj-title>
  <mj-preview>${paragraphs[0] ?? ""}</mj-preview>
  <mj-attributes>
    <mj-all font-family="-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" />
    <mj-section padding="0" />
    <mj-column padding="0" />
    <mj-text padding="0 0 16px" font-size="16px" line-height="1.6" color="#3d434e" />
    <mj-class name="small" font-size="13px" color="#5c6370" padding="0 0 8px" />
  </mj-attributes>
  ${DARK}
</mj-head>
<mj-body width="568px" background-color="#f5f6f8" css-class="ground">
  <mj-wrapper padding="24px 12px">
    <mj-section css-class="card" background-color="#ffffff" border="1px solid #e3e6eb" border-radius="16px" padding="36px">
      <mj-column>
        ${emblem(app.name, color)}
        <mj-text css-class="ink" color="#16181d" padding="0 0 20px">
          <h1 style="margin:0;font-size:24px;line-height:1.3;font-weight:700">${heading}</h1>
        </mj-text>
        ${[greeting, ...paragraphs].map(paragraph)}
        ${notices.map(notice)}
        ${action ? button(action, color) : []}
        ${code ? digits(code) : []}
        ${action || notes.length > 0 ? RULE : []}
        ${notes.map(note)}
        ${action ? linkInstead(phrases.linkInstead, action.link) : []}
      </mj-column>
    </mj-section>
    <mj-section css-class="foot" padding="20px 37px">
      <mj-column>
        ${note(phrases.automatic(app.name))}
        ${unsubscribeUrl ? link(phrases.unsubscribe, unsubscribeUrl) : []}
      </mj-column>
    </mj-section>
  </mj-wrapper>
</mj-body>
</mjml>`)
}

// Who knows a stylesheet gets the colours of the dark by it; the others keep the inline ones.
const DARK = mjml`<mj-raw>
    <meta name="color-scheme" content="light dark">
    <meta name="supported-color-schemes" content="light dark">
    <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
  </mj-raw>
  <mj-style>
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    .code { border-radius: 12px; }
    @media (max-width: 480px) {
      .card > table > tbody > tr > td { padding: 28px 20px !important; }
      .foot > table > tbody > tr > td { padding: 20px 21px !important; }
    }
    @media (prefers-color-scheme: dark) {
      body, .ground { background-color: #0f1115 !important; }
      .card, .card > table { background: #1a1d23 !important; }
      .card > table > tbody > tr > td { border-color: #2e333d !important; }
      .ink div { color: #eceef2 !important; }
      .text div { color: #c9ced8 !important; }
      .soft div, .soft a, a.soft, span.soft { color: #a4abb8 !important; }
      strong.ink { color: #eceef2 !important; }
      .code { background-color: #0f1115 !important; }
      .rule p { border-color: #2e333d !important; }
    }
  </mj-style>`

const RULE = mjml`<mj-divider css-class="rule" border-width="1px" border-color="#e3e6eb" padding="12px 0 20px" />`

/** A table, since Outlook gives a width to nothing else. */
function emblem(name: string, color: string): Mjml {
  const [initial = ""] = name
  return mjml`<mj-text css-class="ink" color="#16181d" padding="0 0 24px"><table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:separate"><tr>
          <td aria-hidden="true" width="40" height="40" align="center" bgcolor="${color}" style="border-radius:11px;font-size:18px;font-weight:600;color:${inkOn(color)}">${initial.toUpperCase()}</td>
          <td style="padding-left:12px;font-size:16px;font-weight:600">${name}</td>
        </tr></table></mj-text>`
}

const paragraph = (text: string): Mjml => mjml`<mj-text css-class="text">${text}</mj-text>`

const notice = ({ title, body, time, link: href }: Notice): Mjml =>
  mjml`<mj-text css-class="text" padding="4px 0 20px"><strong class="ink">${title}</strong><br />${body}<br /><span style="font-size:13px;color:#5c6370" class="soft">${time}</span>${href ? seeMore(href) : []}</mj-text>`

const seeMore = (href: string): Mjml =>
  mjml`<br /><a href="${href}" style="font-size:13px;color:#5c6370;word-break:break-all" class="soft">${href}</a>`

const note = (text: string): Mjml => mjml`<mj-text css-class="soft" mj-class="small">${text}</mj-text>`

const button = ({ label, link }: { label: string; link: string }, color: string): Mjml =>
  mjml`<mj-button href="${link}" align="left" background-color="${color}" color="${inkOn(color)}" border-radius="10px" font-size="16px" font-weight="600" inner-padding="14px 26px" padding="8px 0 24px">${label}</mj-button>`

const digits = ({ lead, digits }: { lead: string; digits: string }): Mjml => mjml`${paragraph(lead)}
      <mj-text css-class="code ink" container-background-color="#f5f6f8" align="center" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="28px" font-weight="600" letter-spacing="6px" line-height="1" color="#16181d" padding="20px 0">${digits}</mj-text>
      <mj-spacer height="12px" />`

const linkInstead = (lead: string, href: string): Mjml =>
  mjml`<mj-text css-class="soft" mj-class="small">${lead}<br /><a href="${href}" style="color:#5c6370;word-break:break-all">${href}</a></mj-text>`

const link = (label: string, href: string): Mjml =>
  mjml`<mj-text css-class="soft" mj-class="small"><a href="${href}" style="color:#5c6370">${label}</a></mj-text>`
