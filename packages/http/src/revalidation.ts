import { hash } from "node:crypto"
import type { Request, Response } from "express"

/** Ends a call whose answer the caller has already. */
export class NotModified extends Error {}

/**
 * What a handler of a `revalidated` route calls with what its answer is made of: sets the `ETag`.
 *
 * @throws NotModified when `If-None-Match` names it (RFC 9110 section 13.1.2)
 */
export const revalidator =
  (req: Request, res: Response) =>
  (content: string): void => {
    const tag = `"${hash("sha256", content, "base64url").slice(0, 22)}"`
    res.setHeader("ETag", tag)
    const known = req.get("If-None-Match")?.split(",", 32) ?? []
    if (known.some((one) => one.trim().replace(/^W\//, "") === tag)) throw new NotModified()
  }
