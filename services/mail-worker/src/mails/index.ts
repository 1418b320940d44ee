import { findLanguage, type Language, languages, type MailKind, type MailPayload } from "@gatepost/contracts"
import { InvalidMailError, type MailContent } from "@gatepost/mail-queue"
import { de } from "./de/index.js"
import { en } from "./en/index.js"
import { layout } from "./layout.js"
import type { Correspondence, LetterOf } from "./letter.js"
import { plainText } from "./plain-text.js"
import { greetingName, oneLine } from "./user-text.js"

export interface RenderedMail {
  language: Language
  subject: string
  html: string
  text: string
}

const correspondence: Record<Language, Correspondence> = { en, de }

/**
 * Writes a mail: subject, HTML and plain text.
 *
 * @param locale a language tag; English where it is none that we write
 * @throws InvalidMailError when its link is none
 */
export function renderMail<Kind extends MailKind>(
  { kind, payload }: { kind: Kind; payload: MailPayload<Kind> } & MailContent,
  locale: string | undefined,
): RenderedMail {
  const language = findLanguage(locale) ?? languages[0]
  const { phrases, letters } = correspondence[language]
  const app = { ...payload.app, name: oneLine(payload.app.name) }
  const write: LetterOf<Kind> = letters[kind]
  const letter = write({ ...payload, app })
  if (letter.action) assertSafeLink(letter.action.link)
  for (const { link } of letter.notices ?? []) if (link) assertSafeLink(link)

  const page = {
    language,
    phrases,
    app,
    letter,
    greeting: phrases.greeting(greetingName(payload.greeting_name)),
    unsubscribeUrl: payload.unsubscribe_url,
  }
  return { language, subject: oneLine(letter.subject), html: layout(page), text: plainText(page) }
}

// Deep links of any app are welcome; what a mail program or browser would run as a script is not.
const SCRIPT_SCHEMES = ["javascript:", "data:", "vbscript:", "file:"]

function assertSafeLink(link: string): void {
  if (!URL.canParse(link) || SCRIPT_SCHEMES.includes(new URL(link).protocol)) {
    throw new InvalidMailError("the link is no link")
  }
}
