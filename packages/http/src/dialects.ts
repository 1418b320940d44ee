import { catalogue, type Problem, type ProblemCode } from "./problems/index.js"

/** What one family of clients gets: where its calls live, and how a refusal is worded. */
export interface Dialect {
  /** In front of every canonical path. */
  prefix: "/v1" | "/api/v1" | ""
  contentType: string
  envelope(problem: Problem, about: { requestId: string; publicUrl: string }): Record<string, unknown>
}

/** The three dialects of the same calls (DESIGN.md D12), the longest prefix first. */
export const dialects: readonly Dialect[] = [
  { prefix: "/api/v1", contentType: "application/problem+json", envelope: problemDetails },
  { prefix: "/v1", contentType: "application/problem+json", envelope: problemDetails },
  { prefix: "", contentType: "application/json", envelope: errorEnvelope },
]

export const dialectOf = (path: string): Dialect =>
  dialects.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? (dialects[0] as Dialect)

/** RFC 9457. */
function problemDetails(problem: Problem, about: { requestId: string; publicUrl: string }) {
  const { title, status, meaning } = catalogue[problem.code]
  return {
    type: `${about.publicUrl}/problems#${problem.code}`,
    title,
    status,
    detail: problem.detail ?? meaning,
    instance: `urn:uuid:${about.requestId}`,
    code: problem.code,
    ...(problem.errors && { errors: problem.errors }),
  }
}

// The names that clients of this dialect in the field compare with.
const errorNames: Partial<Record<ProblemCode, string>> = {
  "session.credentials-invalid": "invalid_credentials",
}

function errorEnvelope(problem: Problem) {
  const { title, status } = catalogue[problem.code]
  return {
    error: errorNames[problem.code] ?? problem.code.replaceAll(/[.-]/g, "_"),
    detail: { message: problem.detail ?? title, ...(problem.errors && { errors: problem.errors }) },
    status_code: status,
  }
}
