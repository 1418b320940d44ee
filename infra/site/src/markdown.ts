import { existsSync } from "node:fs"
import path from "node:path"
import MarkdownIt from "markdown-it"
import { linkTo, type Page, ROOT, urlOf } from "./pages.js"

export interface Heading {
  level: number
  id: string
  text: string
}

export interface Rendered {
  html: string
  headings: Heading[]
  /** Without marks, for the search. */
  plain: string
}

interface Link {
  attrs: [string, string | number][] | null
  attrGet(name: string): string | number | null
  attrSet(name: string, value: string): void
}

/** @param options.repository where the files are that are no pages, such as https://github.com/you/gatepost */
export function createRenderer(pages: readonly Page[], { repository }: { repository?: string | undefined }) {
  const known = new Set(pages.map(({ source }) => source))
  // Our own pages may have HTML in them; what others wrote never gets here.
  const markdown = new MarkdownIt({ html: true, linkify: true, typographer: false })
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

  return function render(page: Page): Rendered {
    const tokens = markdown.parse(page.text, {})
    const headings: Heading[] = []
    const ids = new Map<string, number>()
    for (const [index, token] of tokens.entries()) {
      if (token.type === "heading_open") {
        const text = plainOf(tokens[index + 1]?.children ?? [])
        const id = uniqueId(text, ids)
        token.attrSet("id", id)
        headings.push({ level: Number(token.tag.slice(1)), id, text })
      }
      for (const child of token.children ?? []) {
        if (child.type === "link_open") rewrite(child, page)
      }
    }
    const plain = tokens.map(({ children, content }) => (children ? plainOf(children) : content)).join("\n")
    const html = markdown.renderer.render(tokens, markdown.options, {})
    return {
      html: html.replaceAll("<table>", '<div class="wide"><table>').replaceAll("</table>", "</table></div>"),
      headings,
      plain,
    }
  }

  /** A page becomes its place on the site; a file of the repository that is none is there, or nowhere. */
  function rewrite(link: Link, page: Page): void {
    const href = String(link.attrGet("href") ?? "")
    if (/^([a-z]+:|#)/.test(href)) return
    const [file = "", anchor] = href.split("#")
    const target = path.posix.join(path.posix.dirname(page.source), decodeURI(file)).replace(/\/$/, "")
    const source = [target, path.posix.join(target, "README.md")].find((each) => known.has(each))
    const suffix = anchor === undefined ? "" : `#${anchor}`
    if (source !== undefined) {
      link.attrSet("href", linkTo(page.url, urlOf(source)) + suffix)
      return
    }
    if (!existsSync(path.join(ROOT, target))) throw new Error(`${page.source}: there is no ${href}`)
    if (repository) {
      link.attrSet("href", `${repository}/blob/HEAD/${target}`)
      return
    }
    // An anchor without a target is no link (HTML Standard, section 4.5.1).
    link.attrs = [["title", `in the repository: ${target}`]]
  }
}

const plainOf = (tokens: readonly { type: string; content: string }[]): string =>
  tokens
    .filter(({ type }) => type === "text" || type === "code_inline" || type === "softbreak")
    .map(({ type, content }) => (type === "softbreak" ? " " : content))
    .join("")

/** As GitHub makes them, so that a link works there and here. */
function uniqueId(text: string, ids: Map<string, number>): string {
  const id = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replaceAll(" ", "-")
  const count = ids.get(id) ?? 0
  ids.set(id, count + 1)
  return count === 0 ? id : `${id}-${count}`
}
