import { Problem, type RequestContext } from "@gatepost/http"
import type { Request } from "express"
import { acrOf } from "../modules/access-tokens/index.js"
import { type Interaction, type Oidc, wantsSecondFactor } from "../modules/oidc/index.js"
import type { ProvedSignIn } from "../modules/sessions/index.js"
import type { RememberedDevice } from "./remembered-device.js"
import { pickLanguage } from "./texts/index.js"

export type InteractionResult = Parameters<ReturnType<Oidc["provider"]>["interactionFinished"]>[2]

/** What the provider is told of a sign-in. */
export const loginOf = ({ accountId, at, amr }: ProvedSignIn): InteractionResult => ({
  login: { accountId, ts: at, amr, acr: acrOf(amr) },
})

/** What a challenge of this sign-in is bound to. */
export const bindingOf = ({ uid }: Interaction): string => `interaction ${uid}`

/**
 * Where a sign-in goes on that is challenged, and whether it comes from a remembered device; an app that asks for a
 * second factor gets one all the same.
 */
export const whereOf = (req: Request, interaction: Interaction, devices: RememberedDevice) => ({
  boundTo: bindingOf(interaction),
  mfaDeviceToken: wantsSecondFactor(interaction.params.acr_values) ? undefined : devices.read(req),
})

/** A form's request comes from the app that sent the browser here. */
export const ofApp = (context: RequestContext, { params }: Interaction): RequestContext => ({
  ...context,
  clientId: String(params.client_id),
})

export const languageOf = (req: Request, { ui_locales }: Interaction["params"]) =>
  pickLanguage(ui_locales as string | undefined, req.get("Accept-Language"))

/** @returns the refusal that a page can show */
export async function attempt(work: () => Promise<void>): Promise<Problem | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof Problem && error.status !== 500) return error
    throw error
  }
}
