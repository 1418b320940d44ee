import { z } from "zod"

/** The answer of a call that has nothing to show but that it was done. */
export const Message = z.object({ message: z.string() }).meta({ id: "Message" })

/** Such an answer that says the same each time; a handler leaves the text to it. */
export const said = <const Text extends string>(text: Text) =>
  z.object({ message: z.literal(text).default(text) })
