import { randomBytes } from "node:crypto"

/** An address that nobody has: stages that others set have seen earlier runs. */
export const newEmail = (name = "person"): string => `${name}-${randomBytes(6).toString("hex")}@example.com`

export const PASSWORD = "a few plain words"
export const NEW_PASSWORD = "quite another password"

/** Codes as a mail shows them, apart from the digits in links. */
export const SIX_DIGITS = /(?<![\w=/-])(\d{3} ?\d{3})(?![\w-])/
export const EIGHT_DIGITS = /(?<![\w=/-])(\d{4} ?\d{4})(?![\w-])/

/** A code that is surely another one. */
export const wrong = (code: string): string =>
  code.replaceAll(/\d/g, (digit) => String((Number(digit) + 1) % 10))

/** A look that comes true: another process hears of a logout a moment later. */
export async function eventually(look: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
