import type { RequestHandler } from "express"

/**
 * Refuses what Node's parser lets through (SECURITY.md M11, check 7): unknown transfer codings, two
 * Host headers, and the absolute form with another host. RFC 9112 sections 3.2 and 6.1.
 */
export const strictFraming: RequestHandler = (req, res, next) => {
  const coding = req.headers["transfer-encoding"]
  const hosts = req.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "host",
  ).length
  const sound = (coding === undefined || coding === "chunked") && hosts <= 1 && req.url.startsWith("/")
  if (sound) return next()
  res.setHeader("Connection", "close")
  res.status(400).end()
}
