/** The languages mails are written in; the first is the one for everybody else. A further one is added here. */
export const languages = ["en"] as const

export type Language = (typeof languages)[number]

/** The best language there is for a tag such as `de-AT`. */
export function languageFor(locale: string | undefined): Language {
  const primary = locale?.toLowerCase().split("-")[0]
  return languages.find((language) => language === primary) ?? languages[0]
}
