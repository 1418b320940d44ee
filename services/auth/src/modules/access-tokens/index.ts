export {
  type AccessTokenOptions,
  type AccessTokens,
  createAccessTokens,
  type TokenSubject,
} from "./access-tokens.service.js"
