import { fileURLToPath } from "node:url"
import { type RequestHandler, Router } from "express"

const file = (name: string) => fileURLToPath(new URL(`../../assets/demo/${name}`, import.meta.url))

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

/** `/demo/inbox`: sign in, and see the bell move while another terminal sends. For one's own machine alone. */
export function demo(): RequestHandler {
  const router = Router({ caseSensitive: true, strict: true })
  router.get("/demo/inbox", (_req, res) =>
    res.set("Content-Security-Policy", POLICY).sendFile(file("inbox.html"), { etag: false }),
  )
  for (const name of ["inbox.css", "inbox.js"]) {
    router.get(`/demo/${name}`, (_req, res) => res.sendFile(file(name), { etag: false }))
  }
  return router
}
