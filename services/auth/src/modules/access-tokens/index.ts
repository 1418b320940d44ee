export {
  type AccessTokens,
  createAccessTokens,
  personClaims,
} from "./access-tokens.service.js"
