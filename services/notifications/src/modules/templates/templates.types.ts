/** A text with variables, as `{{name}}`. */
export interface Template {
  name: string
  title: string
  body: string
  createdAt: Date
  updatedAt: Date
}

export type Variables = Record<string, string | number>
