import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { createRenderer } from "./markdown.js"
import { groupsOf, readPages } from "./pages.js"
import { searchIndexScript } from "./search-index.js"
import { landingHtml, pageHtml } from "./template.js"

const ASSETS = fileURLToPath(new URL("../assets/", import.meta.url))
const SEARCH = path.join(
  path.dirname(createRequire(import.meta.url).resolve("minisearch")),
  "../umd/index.js",
)

/**
 * Writes the whole site into a folder, in place of what was there.
 *
 * @param options.repository an address under which the repository's files are
 * @returns how many pages it has
 * @throws Error where a page links to what there is not
 */
export function buildSite(folder: string, options: { repository?: string | undefined } = {}): number {
  const pages = readPages()
  const groups = groupsOf(pages)
  const render = createRenderer(pages, options)
  const rendered = pages.map((page) => ({ ...page, ...render(page) }))

  rmSync(folder, { recursive: true, force: true })
  const write = (url: string, text: string) => {
    const file = path.join(folder, url)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const page of rendered) write(page.url, pageHtml(page, page.html, page.headings, groups))
  write("index.html", landingHtml(groups))
  write("assets/search-index.js", searchIndexScript(rendered))
  cpSync(ASSETS, path.join(folder, "assets"), { recursive: true })
  cpSync(SEARCH, path.join(folder, "assets/minisearch.js"))
  return pages.length + 1
}
