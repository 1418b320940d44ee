export { associationFiles } from "./association-files.js"
export {
  createPasskeyCeremonies,
  type PasskeyCeremonies,
  type PasskeyOptions,
  type ProvedPasskey,
} from "./ceremonies.js"
export { passkeySite } from "./passkey-origins.js"
export { passkeysExporter } from "./passkeys.exporter.js"
export { passkeysRepository } from "./passkeys.repository.js"
export { passkeysRoutes } from "./passkeys.routes.js"
export { Assertion, Attestation, PasskeyOptionsView } from "./passkeys.schemas.js"
export { createPasskeysService, type PasskeysService } from "./passkeys.service.js"
