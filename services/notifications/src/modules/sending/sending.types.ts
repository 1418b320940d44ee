import type { Message } from "../inbox/index.js"

export type Texts =
  | { title: string; body: string }
  | { template: string; variables: Record<string, string | number> }

/** A message as its sender words it. */
export type Draft = Omit<Message, "title" | "body"> & { texts: Texts }
