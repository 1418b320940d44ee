import type { Language } from "@gatepost/contracts"
import { de } from "./de.js"
import { type AccountTexts, en } from "./en.js"

export type { AccountTexts }

export const accountTextsOf = (language: Language): AccountTexts => ({ en, de })[language]
