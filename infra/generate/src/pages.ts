/** A file's path below the root of the repository, and its text. */
export type Pages = Record<string, string>
