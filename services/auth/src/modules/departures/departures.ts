import type { Exporter } from "../accounts/index.js"
import { createDeparturesService, type DeparturesDeps } from "./departures.service.js"
import { createExportsService } from "./exports.service.js"

/** Leaving for good, and taking a copy along. */
export const openDepartures = (deps: DeparturesDeps & { exporters: readonly Exporter[] }) => ({
  departures: createDeparturesService(deps),
  exports: createExportsService(deps),
})
