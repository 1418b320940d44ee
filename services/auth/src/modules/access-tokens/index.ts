export {
  type AccessTokens,
  acrOf,
  createAccessTokens,
  personClaims,
} from "./access-tokens.service.js"
