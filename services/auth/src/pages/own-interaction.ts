import type { Request, Response } from "express"
import type { Interaction, Oidc } from "../modules/oidc/index.js"
import type { Admission, ProvedSignIn } from "../modules/sessions/index.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import { speechOf } from "./speech.js"

/** Somebody proved who they are: the sign-in goes on, or asks for a second factor. */
export type EndSignIn = (
  req: Request,
  res: Response,
  interaction: Interaction,
  admission: Admission<ProvedSignIn>,
) => Promise<void>

/** The sign-in that a browser is in the middle of, if it is the one of the path; else the browser hears of it. */
export async function ownInteraction(
  oidc: Oidc,
  req: Request,
  res: Response,
): Promise<Interaction | undefined> {
  const interaction = await oidc.findInteraction(req, res)
  // A cookie's path keeps it to its interaction, in browsers.
  if (interaction?.uid === req.params.uid) return interaction
  sendExpired(req, res)
  return undefined
}

export function sendExpired(req: Request, res: Response): void {
  const { language, texts } = speechOf(req)
  sendPage(res, { status: 400, language, title: texts.errorTitle, body: html`<p>${texts.errorExpired}</p>` })
}
