export {
  type AccessTokenOptions,
  type AccessTokens,
  createAccessTokens,
  personClaims,
  type TokenSubject,
} from "./access-tokens.service.js"
