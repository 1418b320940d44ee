import type { Resolver } from "node:dns/promises"
import type { Environment } from "./environment.js"
import type { Verdict } from "./verdict.js"

/** What is examined: an installation's settings, and whom to ask for names. */
export interface Patient extends Environment {
  resolver: Resolver
}

/** One question to it; what it throws is a failure too. */
export interface Check {
  name: string
  run(patient: Patient): Promise<Verdict | Finding[]>
}

/** A line of a check that looks at several things. */
export interface Finding {
  of: string
  verdict: Verdict
}
