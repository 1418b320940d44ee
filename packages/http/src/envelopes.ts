import { catalogue, type FieldError, type Problem, type ProblemCode } from "./problems/index.js"

/** A problem as one dialect tells it. */
export interface Refusal {
  code: ProblemCode
  status: number
  detail: string | undefined
  errors: FieldError[] | undefined
  members: Record<string, unknown> | undefined
}

/** How a call words a problem of its own way: what is left out stays as the catalogue has it. */
export interface Wording {
  status?: number
  detail?: string
}

export type Envelope = (refusal: Refusal, about: { requestId: string; publicUrl: string }) => object

export const toRefusal = (
  { code, status, detail, errors, members }: Problem,
  wording: Wording = {},
): Refusal => ({
  code,
  status: wording.status ?? status,
  detail: wording.detail ?? detail,
  errors,
  members,
})

/** RFC 9457. */
export const problemDetails: Envelope = ({ code, status, detail, errors, members }, about) => {
  const { title, meaning } = catalogue[code]
  return {
    type: `${about.publicUrl}/problems#${code}`,
    title,
    status,
    detail: detail ?? meaning,
    instance: `urn:uuid:${about.requestId}`,
    code,
    ...(errors && { errors }),
    ...members,
  }
}

// The names that clients of this dialect in the field compare with.
const errorNames: Partial<Record<ProblemCode, string>> = {
  "session.credentials-invalid": "invalid_credentials",
}

/** JobPath's. */
export const errorEnvelope: Envelope = ({ code, status, detail, errors, members }) => ({
  error: errorNames[code] ?? code.replaceAll(/[.-]/g, "_"),
  detail: { message: detail ?? catalogue[code].title, ...(errors && { errors }), ...members },
  status_code: status,
})
