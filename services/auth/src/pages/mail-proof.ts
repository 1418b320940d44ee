import type { Request } from "express"
import { type BrowserSecret, browserSecret } from "./browser-secret.js"
import type { PageParts } from "./page-parts.js"

export type MailProof = Parameters<PageParts["signInLinks"]["whileProved"]>[1]

const COOKIE_SECONDS = 900
const BINDING = "[\\w-]{43}"

/** In the place of an interaction, where somebody signs in to manage their account. */
export const AT_ACCOUNT = "account"

/** Holds the sign-in that a mail was asked for in, and the mail's other half. */
export const mailCookie = (publicUrl: string): BrowserSecret =>
  browserSecret({
    name: "sign_in_link",
    form: new RegExp(`^[\\w-]{1,64}\\.${BINDING}$`),
    isSecure: publicUrl.startsWith("https://"),
    seconds: COOKIE_SECONDS,
  })

export const tokenOf = ({ query: { token } }: Request): string => (typeof token === "string" ? token : "")
