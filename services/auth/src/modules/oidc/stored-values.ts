import { isStorable } from "@gatepost/http"
import { errors } from "oidc-provider"

const SAFE_ID = /^[A-Za-z0-9_.~+/=:-]{1,256}$/

/** oidc-provider hands ids over unchecked, and PostgreSQL answers NUL with an error (SECURITY.md M2). */
export const isSafeId = (id: string): boolean => SAFE_ID.test(id)

/**
 * Requests are stored as they came, and PostgreSQL's JSON takes neither NUL nor half a character (check 21).
 *
 * @throws InvalidRequest
 */
export const toJson = (payload: object): string =>
  JSON.stringify(payload, (name, value) => {
    if (isStorable(name) && (typeof value !== "string" || isStorable(value))) return value
    throw new errors.InvalidRequest("a parameter has a character that is none")
  })
