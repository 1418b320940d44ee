export { backendClient } from "./clients.js"
export { mountOidc } from "./oidc.mount.js"
export { oidcArtifactsRepository } from "./oidc-artifacts.repository.js"
