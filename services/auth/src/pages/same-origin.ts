import type { RequestHandler } from "express"

/** Refuses a form that another site sent: browsers name the origin of every POST (check 91). */
export function sameOrigin(publicUrl: string): RequestHandler {
  return (req, res, next) => {
    const origin = req.get("Origin")
    const site = req.get("Sec-Fetch-Site")
    const isOurs = origin === undefined || origin === "null" ? site !== "cross-site" : origin === publicUrl
    if (isOurs) return next()
    res.status(403).type("text").send("This form was sent from another site.")
  }
}
