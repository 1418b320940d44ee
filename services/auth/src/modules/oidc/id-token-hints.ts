import type Provider from "oidc-provider"
import { errors } from "oidc-provider"

/**
 * A hint is an ID token, and the provider would take whatever else we signed for the client: a logout token
 * as well (check 70). ID tokens are the ones that name no type of their own.
 */
export function refuseOtherHints(provider: Provider): void {
  const { IdToken } = provider
  const validate = IdToken.validate
  IdToken.validate = async (token, client) => {
    const validated = await validate.call(IdToken, token, client)
    if ((validated.header.typ ?? "JWT") === "JWT") return validated
    throw new errors.InvalidRequest("id_token_hint is no ID token")
  }
}
