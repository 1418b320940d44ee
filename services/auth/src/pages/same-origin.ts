import type { RequestHandler } from "express"

/** Refuses a form that another site sent: browsers name the origin of every POST (check 91). */
export function sameOrigin(publicUrl: string): RequestHandler {
  return (req, res, next) => {
    const origin = req.get("Origin")
    const site = req.get("Sec-Fetch-Site")
    // Our pages send no referrer, so browsers say "null" for their origin too: then the site decides.
    const isNamed = origin !== undefined && origin !== "null"
    const isOurs = isNamed ? origin === publicUrl : [undefined, "same-origin", "none"].includes(site)
    if (isOurs) return next()
    res.status(403).type("text").send("This form was sent from another site.")
  }
}
