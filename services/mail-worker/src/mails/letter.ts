import type { MailKind, MailPayload } from "@gatepost/contracts"

/** What one mail says, in one language and without any form. All texts are plain: the layout escapes them. */
export interface Letter {
  subject: string
  heading: string
  paragraphs: string[]
  /** The one thing to do. */
  action?: { label: string; link: string }
  /** The same, for somebody who would rather type. */
  code?: { lead: string; digits: string } | undefined
  /** The small print: how long it holds, and what to do if one didn't ask for it. */
  notes: string[]
}

export type LetterOf<Kind extends MailKind> = (payload: MailPayload<Kind>) => Letter

/** What every letter of a language says. */
export interface Phrases {
  greeting(name: string | undefined): string
  linkInstead: string
  automatic(appName: string): string
  unsubscribe: string
}

/** All that is written in one language. */
export interface Correspondence {
  phrases: Phrases
  letters: { [Kind in MailKind]: LetterOf<Kind> }
}
