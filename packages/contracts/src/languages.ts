/** The languages that pages and mails speak; the first is for everybody else. */
export const languages = ["en", "de"] as const

export type Language = (typeof languages)[number]

/** The first that we speak, of tags such as `de-AT`, lists of them, or an Accept-Language header. */
export function findLanguage(...wishes: (string | undefined)[]): Language | undefined {
  const tags = wishes.flatMap((wish) => wish?.toLowerCase().split(/[\s,;]+/) ?? [])
  return tags.map((tag) => languages.find((language) => language === tag.split("-")[0])).find(Boolean)
}
