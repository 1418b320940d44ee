import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"
import openApi from "@gatepost/contracts/openapi.json" with { type: "json" }
import { catalogue } from "@gatepost/http"
import express, { type RequestHandler, Router } from "express"
import { type Html, html, join } from "../pages/html.js"

const require = createRequire(import.meta.url)
const SWAGGER_UI = path.dirname(require.resolve("swagger-ui-dist/package.json"))
const REDOC = fileURLToPath(new URL("../../assets/redoc.standalone.js", import.meta.url))
const ICON = fileURLToPath(new URL("../../assets/icon.svg", import.meta.url))
const ADMIN_API = fileURLToPath(new URL("../../admin/openapi.json", import.meta.url))
const CACHED = { maxAge: "1h", index: false } as const

// Both viewers put style elements into the page; scripts and calls stay on this origin.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ")

/** What this is, Swagger UI, ReDoc, the document both show, and the page that problem types point to. */
export function docs(publicUrl: string): Router {
  const document = { ...openApi, servers: [{ url: publicUrl }] }
  const router = swagger(["/docs", "/api/docs"], document)

  router.get("/", (_req, res) => void res.json(about(publicUrl)))
  router.get("/docs/assets/redoc.standalone.js", (_req, res) => res.sendFile(REDOC, CACHED))
  router.get("/docs/assets/start-redoc.js", script(START_REDOC))
  router.get(["/redoc", "/api/redoc"], page(REDOC_PAGE))
  router.get("/problems", page(problemsPage()))
  return router
}

/** The same for the admin port, whose calls are its own. */
export function adminDocs(publicUrl: string): Router {
  const router = swagger(["/docs"], JSON.parse(readFileSync(ADMIN_API, "utf8")))
  const links = {
    docs: "/docs",
    openapi: "/openapi.json",
    problems: `${publicUrl}/problems`,
    public: publicUrl,
  }
  router.get(
    "/",
    (_req, res) => void res.json({ name: "Gatepost admin", version: openApi.info.version, links }),
  )
  return router
}

/** A document, Swagger UI that shows it, and the icon that browsers ask for. */
function swagger(paths: string[], document: object): Router {
  const router = Router({ strict: true })
  router.get("/openapi.json", (_req, res) => void res.json(document))
  router.use("/docs/assets", express.static(SWAGGER_UI, CACHED))
  router.get("/docs/assets/start.js", script(START_SWAGGER_UI))
  router.get(paths, page(SWAGGER_PAGE))
  router.get("/favicon.ico", (_req, res) => res.type("svg").sendFile(ICON, CACHED))
  return router
}

const about = (publicUrl: string) => ({
  name: "Gatepost",
  version: openApi.info.version,
  links: {
    docs: `${publicUrl}/docs`,
    openapi: `${publicUrl}/openapi.json`,
    openid_configuration: `${publicUrl}/oidc/.well-known/openid-configuration`,
    jwks: `${publicUrl}/.well-known/jwks.json`,
    health: `${publicUrl}/health`,
  },
})

const page =
  (body: string): RequestHandler =>
  (_req, res) =>
    void res.set("Content-Security-Policy", POLICY).type("html").send(body)

const script =
  (body: string): RequestHandler =>
  (_req, res) =>
    void res.type("js").send(body)

const START_SWAGGER_UI = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true })`
const START_REDOC = `Redoc.init("/openapi.json", { disableSearch: false, hideDownloadButton: false }, document.body)`

const SWAGGER_PAGE = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gatepost API</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/assets/start.js"></script>
  </body>
</html>`.html

const REDOC_PAGE = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gatepost API</title>
  </head>
  <body>
    <script src="/docs/assets/redoc.standalone.js"></script>
    <script src="/docs/assets/start-redoc.js"></script>
  </body>
</html>`.html

const problemsPage = () =>
  html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gatepost problems</title>
    <style>body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui; color-scheme: light dark }</style>
  </head>
  <body>
    <h1>Problems</h1>
    ${join(Object.entries(catalogue).map(([code, entry]) => problem(code, entry)))}
  </body>
</html>`.html

const problem = (
  code: string,
  { status, title, meaning, remedy }: Words,
): Html => html`<h2 id="${code}">${title}</h2>
    <p><code>${code}</code>, status ${String(status)}</p>
    <p>${withCode(meaning)} ${withCode(remedy)}</p>`

type Words = (typeof catalogue)[keyof typeof catalogue]

/** The catalogue writes what is code as Markdown does. */
const withCode = (text: string): Html => ({
  html: text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`).html)
    .join(""),
})
