import { Problem } from "@gatepost/http"
import type { Logger } from "@gatepost/runtime"
import { type BreachedPasswords, createBreachedPasswords } from "./breached-passwords.js"
import { type CommonPasswords, openCommonPasswords } from "./common-passwords.js"

/** Whose password it is to be: what is known of them is the first that is tried. */
export interface PasswordOwner {
  email: string
  name?: string | undefined
  /** Of the app in which they choose it. */
  appName: string
}

export type PasswordPolicy = ReturnType<typeof createPasswordPolicy>

// Of a password without these ends, what is left is what somebody guesses.
const ENDS = /^[\d\W_]+|[\d\W_]+$/gu
const MIN_WORD_LENGTH = 4
// "password" and two digits is guessed; "password" and a sentence is not.
const MAX_BESIDE_WORD = 4
const LEET: Record<string, string> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
}

/** What is said of a password that nobody may choose. */
export const weakPasswords = {
  common: "is one of the passwords that are tried first; choose one that nobody else has",
  personal: "is made of your name, your address or the app's name",
  breached: "was in a data breach; choose one that nobody else has",
} as const

/** @param breachedUrl where to ask for passwords that were in a breach; nowhere if unset */
export const openPasswordPolicy = (breachedUrl: string | undefined, logger: Logger) =>
  createPasswordPolicy({
    common: openCommonPasswords(),
    breached: breachedUrl ? createBreachedPasswords(breachedUrl, logger) : undefined,
  })

/**
 * Which passwords nobody may choose (check 32): those that everybody tries first, alone or with a few characters
 * around, what is made of the person's own name and address, and what was in a breach, where that is asked for.
 */
function createPasswordPolicy({
  common,
  breached,
}: {
  common: CommonPasswords
  breached?: BreachedPasswords | undefined
}) {
  return {
    /**
     * @param pointer to the member with the password
     * @throws Problem `request.invalid`, which says what is wrong with it
     */
    async assertUncommon(password: string, owner: PasswordOwner, pointer = "/new_password"): Promise<void> {
      const fault =
        faultOf(password, owner) ?? ((await breached?.has(password)) ? weakPasswords.breached : undefined)
      if (fault) throw new Problem("request.invalid", { errors: [{ pointer, message: fault }] })
    },
  }

  function faultOf(password: string, owner: PasswordOwner): string | undefined {
    const text = password.normalize("NFKC").toLowerCase()
    const words = wordsOf(owner)
    for (const spelling of new Set([text, unleet(text)])) {
      const once = onceOf(spelling)
      const word = once.replaceAll(ENDS, "")
      const isMostlyWord = word.length >= MIN_WORD_LENGTH && once.length - word.length <= MAX_BESIDE_WORD
      if (words.has(once) || (isMostlyWord && words.has(word))) return weakPasswords.personal
      if (common.has(spelling) || common.has(once) || (isMostlyWord && common.has(word)))
        return weakPasswords.common
    }
    return undefined
  }
}

const unleet = (text: string) => text.replaceAll(/[013457@$]/g, (character) => LEET[character] ?? character)

/** `gatepostgatepost` is guessed like `gatepost`. */
function onceOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.length % length === 0 && text === text.slice(0, length).repeat(text.length / length))
      return text.slice(0, length)
  }
  return text
}

function wordsOf({ email, name = "", appName }: PasswordOwner): Set<string> {
  const [local = "", domain = ""] = email.toLowerCase().split("@")
  const parts = [
    email,
    local,
    domain,
    domain.split(".")[0],
    ...local.split(/[.+_-]/),
    name,
    ...name.split(" "),
  ]
  const words = [...parts, appName, "gatepost"].map((part = "") => part.normalize("NFKC").toLowerCase())
  return new Set(words.filter((word) => word.length >= MIN_WORD_LENGTH))
}
