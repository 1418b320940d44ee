import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { languages } from "@gatepost/contracts"
import { renderMail } from "#src/mails/index.js"
import type { ExampleApp } from "../support/apps.js"
import { samplesOf } from "../support/samples.js"
import { galleryPage } from "./page.js"

/** One mail as a path: `/<app>/<language>/<number of the sample>.html`, `.dark.html` or `.txt`. */
const MAIL_PATH = /^\/([^/]+)\/([a-z]+)\/(\d+)\.(html|dark\.html|txt)$/

/**
 * Shows every mail of every app in every language, rendered anew for each request.
 *
 * @param port 0 for any that is free
 */
export async function startGallery(apps: ExampleApp[], port = 0) {
  const server = createServer((req, res) => {
    const path = (req.url ?? "/").split("?")[0] ?? "/"
    const answer =
      path === "/" ? { type: "text/html", body: galleryPage(apps, languages) } : mailAt(path, apps)
    res.writeHead(answer ? 200 : 404, { "Content-Type": `${answer?.type ?? "text/plain"}; charset=utf-8` })
    res.end(answer?.body ?? "There is no such mail.")
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function mailAt(path: string, apps: ExampleApp[]): { type: string; body: string } | undefined {
  const [, id, language, number, part] = MAIL_PATH.exec(path) ?? []
  const app = apps.find((candidate) => candidate.id === id)
  const sample = app && samplesOf(app)[Number(number)]
  if (!sample) return undefined
  const { html, text } = renderMail(sample.content, language)
  if (part === "txt") return { type: "text/plain", body: text }
  // A page can't make its browser prefer dark: the mail's own rules for it are made to hold always.
  return {
    type: "text/html",
    body: part === "html" ? html : html.replace("(prefers-color-scheme: dark)", "all"),
  }
}
