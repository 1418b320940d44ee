import MiniSearch from "minisearch"
import type { Rendered } from "./markdown.js"
import type { Page } from "./pages.js"

const OPTIONS = { fields: ["title", "headings", "text"], storeFields: ["title", "url"], idField: "url" }

/** A script that sets what the search needs; a script, so that it works from a folder as well as from a server. */
export function searchIndexScript(pages: readonly (Page & Rendered)[]): string {
  const index = new MiniSearch(OPTIONS)
  index.addAll(
    pages.map(({ url, title, headings, plain }) => ({
      ...{ url, title, text: plain },
      headings: headings.map(({ text }) => text).join(" "),
    })),
  )
  return `globalThis.searchOptions = ${JSON.stringify(OPTIONS)}\nglobalThis.searchIndex = ${JSON.stringify(JSON.stringify(index))}\n`
}
