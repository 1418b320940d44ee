export { jwksDocument } from "./signing-keys.jwks.js"
export { openSigningKeys, type SigningKey, type SigningKeys } from "./signing-keys.service.js"
