export { createOwnership, type Ownership } from "./ownership.service.js"
