export {
  type ApiKeyCaller,
  type ApiKeyOptions,
  type ApiKeyVerifier,
  createApiKeyVerifier,
  isApiKey,
} from "./api-keys.js"
export { assertScope, bearerToken, type Refusal, refusal, wwwAuthenticate } from "./bearer.js"
export type { AccessTokenClaims, Caller, ServiceCaller, UserCaller } from "./caller.js"
export { TokenError, type TokenErrorCode, type TokenErrorOptions } from "./errors.js"
export { callerOf, type Guard, type GuardedRequest, type RequireAuthOptions, requireAuth } from "./express.js"
export type { KeySource } from "./jwks.js"
export type { VerifierOptions } from "./options.js"
export type { RevocationOptions } from "./revocation/options.js"
export { createVerifier, type Verifier } from "./verifier.js"
