import type { Exporter, Farewell } from "./modules/accounts/index.js"
import { apiKeysExporter } from "./modules/api-keys/index.js"
import { consentsExporter } from "./modules/oidc/index.js"
import { passkeysExporter } from "./modules/passkeys/index.js"
import { rolesExporter } from "./modules/role-grants/index.js"
import { secondFactorsExporter } from "./modules/second-factors/index.js"
import { identitiesExporter, upstreamFarewell } from "./modules/social/index.js"

/** What modules have to do for who leaves, and to say of who wants a copy. */
export const leaving: { farewells: readonly Farewell[]; exporters: readonly Exporter[] } = {
  farewells: [upstreamFarewell],
  exporters: [
    identitiesExporter,
    passkeysExporter,
    secondFactorsExporter,
    apiKeysExporter,
    consentsExporter,
    rolesExporter,
  ],
}
