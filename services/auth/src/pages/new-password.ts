import type { Problem } from "@gatepost/http"
import { weakPasswords } from "../modules/passwords/index.js"
import type { Field } from "./forms.js"
import type { Texts } from "./texts/index.js"

/** Where somebody chooses a password. */
export const newPasswordField = (label: string, texts: Texts, minLength: number): Field => ({
  name: "new_password",
  label,
  type: "password",
  autocomplete: "new-password",
  minLength,
  hint: texts.passwordHint(minLength),
})

/** Why a new password was refused, as the API says it, in the page's words. */
export function passwordFault({ errors = [] }: Problem, texts: Texts, minLength: number): string {
  for (const [kind, message] of Object.entries(weakPasswords)) {
    if (errors.some((error) => error.message === message))
      return texts.weakPassword[kind as keyof typeof weakPasswords]
  }
  return texts.invalidPassword(minLength)
}
