export { createOwnership, type ForgetCredentials, type Ownership } from "./ownership.service.js"
