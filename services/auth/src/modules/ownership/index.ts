export { forgetCredentials } from "./forget-credentials.js"
export { createOwnership, type Ownership } from "./ownership.service.js"
