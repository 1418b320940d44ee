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
  /** One block for each, below each other. */
  notices?: Notice[]
  /** The small print: how long it holds, and what to do if one didn't ask for it. */
  notes: string[]
}

/** Something that happened, with its time in the reader's words. */
export interface Notice {
  title: string
  body: string
  time: string
  link?: string | undefined
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
