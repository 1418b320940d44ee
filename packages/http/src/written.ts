const TEXT = Symbol("JSON")

/** An answer that is JSON already: sent as it is, so its own tests must prove its shape. */
export interface Written {
  readonly [TEXT]: string
}

/**
 * For a hot path whose database writes the JSON: parsing 20 items, checking them and writing them again took most of
 * a request's time (ADR 0039).
 */
export const written = (json: string): Written => ({ [TEXT]: json })

/** The JSON of a `written` answer; nothing of any other. */
export const textOf = (answer: object): string | undefined => (answer as Partial<Written>)[TEXT]
