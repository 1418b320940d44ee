import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

/** A Markdown file of the repository, and where it is on the site. Both paths with `/`, from their roots. */
export interface Page {
  source: string
  url: string
  title: string
  text: string
}

export interface Group {
  title: string
  pages: Page[]
}

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url))

const WORKSPACES = ["infra", "packages", "services"]

// Of each group, in the order in which its pages are shown. Who matches none is shown at the end.
const GROUPS: [title: string, patterns: RegExp[]][] = [
  [
    "Begin",
    [
      /^README/,
      /^docs\/architecture/,
      /^docs\/contracts/,
      /^docs\/configuration/,
      /^docs\/problems/,
      /^CHANGELOG/,
    ],
  ],
  [
    "Apps and clients",
    [
      /^docs\/apps\//,
      /^docs\/(clients-|oidc-client)/,
      /packages\/(client|token-verifier)\//,
      /^docs\/second-/,
      /^docs\/account-/,
    ],
  ],
  [
    "Run it",
    [
      /^infra\/(local|docker|systemd|nginx|fly|kubernetes)\//,
      /^docs\/scaling/,
      /^docs\/operations\/backup/,
      /^infra\/watch\//,
    ],
  ],
  ["Operate it", [/^docs\/operations\//, /^docs\/bounds/]],
  [
    "Evidence",
    [
      /^docs\/benchmarks/,
      /^docs\/(mail-)?reliability/,
      /^docs\/security-standard/,
      /^docs\/oidc-conformance/,
      /^infra\/(chaos|smoke|fleet)\//,
      /packages\/bench/,
    ],
  ],
  [
    "Code",
    [
      /^services\//,
      /^packages\//,
      /^CONTRIBUTING/,
      /^SECURITY/,
      /^docs\/dependencies/,
      /^infra\/(generate|site)\//,
    ],
  ],
  ["Decisions", [/^docs\/decisions\/README/, /^docs\/decisions\//]],
  ["More", [/./]],
]

/** Every Markdown file that people are to read. */
export function readPages(): Page[] {
  return [...listMarkdown("", false), ...listMarkdown("docs", true), ...WORKSPACES.flatMap(listReadmes)].map(
    (source) => {
      const text = readFileSync(path.join(ROOT, source), "utf8")
      const title = /^# (.+)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? source
      return { source, url: urlOf(source), title, text }
    },
  )
}

const listMarkdown = (folder: string, recursive: boolean): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")))

const listReadmes = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((file) => existsSync(path.join(ROOT, file)))

/** A folder's README is what the folder shows; that of the root leaves its place to the landing page. */
export const urlOf = (source: string): string =>
  source === "README.md"
    ? "start.html"
    : source.replace(/README\.md$/, "index.html").replace(/\.md$/, ".html")

export function groupsOf(pages: readonly Page[]): Group[] {
  const left = new Set(pages.toSorted((a, b) => a.source.localeCompare(b.source)))
  return GROUPS.map(([title, patterns]) => ({
    title,
    pages: patterns.flatMap((pattern) => {
      const matching = [...left].filter(({ source }) => pattern.test(source))
      for (const page of matching) left.delete(page)
      return matching
    }),
  })).filter((group) => group.pages.length > 0)
}

/** From one page of the site to another file of it. */
export const linkTo = (from: string, to: string): string =>
  path.posix.relative(path.posix.dirname(from), to) || to
