export { consentTo } from "./grants.js"
export { type Interaction, type Oidc, openOidc } from "./oidc.mount.js"
export { oidcArtifactsRepository } from "./oidc-artifacts.repository.js"
export type { OidcPageContext, OidcPages } from "./oidc-pages.js"
