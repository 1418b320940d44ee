import type { MailKind, MailPayload } from "@gatepost/contracts"
import { InvalidMailError } from "@gatepost/mail-queue"
import { type Language, languageFor } from "./languages.js"
import { layout, plainText } from "./layout.js"
import { type Phrases, phrases } from "./phrases.js"
import { greetingName, oneLine } from "./user-text.js"

/** What one mail says, in one language and without any form. All texts are plain: the layout escapes them. */
export interface Letter {
  subject: string
  heading: string
  paragraphs: string[]
  /** The one thing to do. */
  action?: { label: string; link: string }
  /** The small print: how long it holds, and what to do if one didn't ask for it. */
  notes: string[]
}

export interface RenderedMail {
  language: Language
  subject: string
  html: string
  text: string
}

type Texts<Kind extends MailKind> = Record<Language, (payload: MailPayload<Kind>, phrases: Phrases) => Letter>

/** Makes a mail's template of its texts, one per language. */
export function letter<Kind extends MailKind>(texts: Texts<Kind>) {
  return (payload: MailPayload<Kind>, locale: string | undefined): RenderedMail => {
    const language = languageFor(locale)
    const say = phrases[language]
    const app = { ...payload.app, name: oneLine(payload.app.name) }
    const content = texts[language]({ ...payload, app }, say)
    if (content.action) assertSafeLink(content.action.link)

    const page = { language, say, app, content, greeting: say.greeting(greetingName(payload.greeting_name)) }
    return { language, subject: oneLine(content.subject), html: layout(page), text: plainText(page) }
  }
}

// Deep links of any app are welcome; what a mail program or browser would run as a script is not.
const SCRIPT_SCHEMES = ["javascript:", "data:", "vbscript:", "file:"]

function assertSafeLink(link: string): void {
  if (!URL.canParse(link) || SCRIPT_SCHEMES.includes(new URL(link).protocol)) {
    throw new InvalidMailError("the link is no link")
  }
}
