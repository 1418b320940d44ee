import { findLanguage, type Language, languages } from "@gatepost/contracts"
import { de } from "./de.js"
import { en, type Texts } from "./en.js"

export type { Texts }

const texts: Record<Language, Texts> = { en, de }

export const textsOf = (language: Language): Texts => texts[language]

/** The language of a page for somebody with these wishes, such as `ui_locales` or an Accept-Language header. */
export const pickLanguage = (...wishes: (string | undefined)[]): Language =>
  findLanguage(...wishes) ?? languages[0]
