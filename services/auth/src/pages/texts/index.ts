import { de } from "./de.js"
import { en, type Texts } from "./en.js"

export type { Texts }

const languages = { en, de }

export type Language = keyof typeof languages

export const textsOf = (language: Language): Texts => languages[language]

/** The first language of a list such as `de-AT de en` or an Accept-Language header that the pages speak. */
export function pickLanguage(...wishes: (string | undefined)[]): Language {
  const tags = wishes.flatMap((wish) => wish?.toLowerCase().split(/[\s,;]+/) ?? [])
  return tags.map((tag) => tag.split("-")[0]).find(isKnown) ?? "en"
}

const isKnown = (tag: string | undefined): tag is Language => Object.hasOwn(languages, tag ?? "")
