import { contextOf, isStorable, Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import { TokenError } from "@gatepost/token-verifier"
import type { Request, Response } from "express"
import type { LiveSession, SignInContext } from "../../modules/sessions/index.js"
import { cookiesOf, DEVICE_COOKIE } from "../device-cookie.js"
import type { Html } from "../html.js"
import { sendPage } from "../layout.js"
import type { PageParts } from "../page-parts.js"
import { speechOf } from "../speech.js"
import type { Texts } from "../texts/index.js"
import type { AccountCookie } from "./account-cookie.js"
import { type AccountTexts, accountTextsOf } from "./texts/index.js"

/** Somebody who manages their account here. */
export interface Visit {
  req: Request
  res: Response
  caller: UserCaller
  session: LiveSession
  context: RequestContext
}

export interface AccountPage {
  title: string
  body: Html
  status?: number
  script?: string
  images?: "data"
  isDone?: boolean
  isWide?: boolean
  back?: { href: string; label: string } | undefined
}

export type AccountVisits = ReturnType<typeof accountVisits>

export function accountVisits(parts: PageParts, cookie: AccountCookie) {
  const { apps, config, logger, store, verifier } = parts
  // Whose session it is, and whose name its mails have: the default app's, or the first one's that gets any here.
  const getsTokens = ({ client_id }: { client_id: string }) => apps.getsTokensByJson(client_id)
  const app = [apps.find(config.DEFAULT_APP) ?? [], ...apps.list()].flat().find(getsTokens)

  return {
    app,

    contextOf: (req: Request, res: Response): SignInContext => ({
      ...contextOf(req, res, logger),
      clientId: app?.client_id,
      deviceToken: cookiesOf(req)[DEVICE_COOKIE] ?? null,
    }),

    async find(req: Request, res: Response): Promise<Visit | undefined> {
      const caller = await verifier.verify(cookie.read(req)).catch((error: unknown) => {
        // Without keys nobody can tell whose it is, which is no reason to sign them out.
        if (error instanceof TokenError && error.code !== "keys_unavailable") return undefined
        throw error
      })
      const session = caller?.kind === "user" ? await store.findLive(caller.sessionId) : undefined
      if (caller?.kind !== "user" || !session) return undefined
      return { req, res, caller: { ...caller, state: session }, session, context: this.contextOf(req, res) }
    },

    send(req: Request, res: Response, make: (texts: Texts, own: AccountTexts) => AccountPage): void {
      const { language, texts } = speechOf(req)
      sendPage(res, { language, ...make(texts, accountTextsOf(language)) })
    },
  }
}

const FIELDS = [
  "back",
  "challenge",
  "code",
  "credential",
  "current_password",
  "email",
  "has_passkey",
  "name",
  "new_email",
  "new_password",
  "password",
  "sure",
] as const
type FieldName = (typeof FIELDS)[number]

/** @throws Problem `request.malformed` on what nobody can type */
export function fields(req: Request): Record<FieldName, string> {
  const sent = (req.body ?? {}) as Record<string, unknown>
  const typed = FIELDS.map((name) => [name, typeof sent[name] === "string" ? sent[name] : ""] as const)
  if (!typed.every(([, text]) => isStorable(text))) throw new Problem("request.malformed")
  return Object.fromEntries(typed) as Record<FieldName, string>
}
