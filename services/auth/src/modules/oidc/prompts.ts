import { interactionPolicy } from "oidc-provider"
import type { Apps } from "../apps/index.js"
import { isForDevice } from "./current-request.js"
import { hasEndedSession } from "./grants.js"

const { base, Check } = interactionPolicy

/** Whether an app asks for a sign-in with more than one factor (`acr_values`). */
export const wantsSecondFactor = (acrValues: unknown): boolean =>
  String(acrValues ?? "").split(" ")[0] === "aal2"

/** When a person is asked to sign in or to agree: as OpenID Connect has it, and three rules of ours. */
export function prompts(apps: Apps) {
  const policy = base()
  policy
    .get("login")
    ?.checks.add(
      new Check("session_ended", "the session with this client has ended", "login_required", (ctx) =>
        hasEndedSession(ctx),
      ),
    )

  // RFC 9470 section 4: who asks for a second factor gets a sign-in in which it is proved, where there is one.
  policy.get("login")?.checks.add(
    new Check("acr_values", "a sign-in with a second factor is asked for", "login_required", ({ oidc }) => {
      const isAsked = wantsSecondFactor(oidc.params?.acr_values)
      return isAsked && oidc.session?.acr !== "aal2" && !oidc.result?.login
    }),
  )

  // RFC 8252 section 8.6: another program may have claimed a native app's redirect URI, so nobody is sent
  // there without a click. Signing in is one.
  const consent = policy.get("consent")
  consent?.checks.remove("native_client_prompt")
  consent?.checks.add(
    new Check(
      "native_client_prompt",
      "native clients require End-User interaction",
      "interaction_required",
      (ctx) => {
        const { client, result } = ctx.oidc
        const isOurs = client !== undefined && apps.find(client.clientId)?.first_party
        const hasClicked = result?.consent || (isOurs && result?.login)
        return client?.applicationType === "native" && !isForDevice() && !hasClicked
      },
    ),
  )
  return policy
}
