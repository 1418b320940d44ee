import type { Heading } from "./markdown.js"
import { type Group, linkTo, type Page } from "./pages.js"

export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

interface Frame {
  url: string
  title: string
  main: string
  groups: readonly Group[]
  className: string
}

/** Everything around what a page says. Nothing in it is asked of another server. */
function frame({ url, title, main, groups, className }: Frame): string {
  const root = linkTo(url, "assets").replace(/assets$/, "")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/site.js" defer></script>
</head>
<body class="${className}" data-root="${root}">
<a class="skip" href="#main">To the text</a>
<header>
<a class="name" href="${root}index.html"><img src="${root}assets/icon.svg" alt="" width="24" height="24"> Gatepost</a>
<div class="search"><input type="search" placeholder="Search" aria-label="Search" autocomplete="off"><ul hidden></ul></div>
</header>
<div class="columns">
<details class="nav"><summary>All pages</summary><nav aria-label="All pages">${groups.map((group) => navGroup(group, url)).join("")}</nav></details>
${main}
</div>
</body>
</html>
`
}

function navGroup({ title, pages }: Group, url: string): string {
  const isOpen = title !== "Decisions" || pages.some((page) => page.url === url)
  const items = pages.map((page) => {
    const current = page.url === url ? ' aria-current="page"' : ""
    return `<li><a href="${linkTo(url, page.url)}"${current}>${escapeHtml(shortTitle(page))}</a></li>`
  })
  return `<details${isOpen ? " open" : ""}><summary>${title}</summary><ul>${items.join("")}</ul></details>`
}

/** What a list of pages has room for. */
function shortTitle({ source, title }: Page): string {
  if (source === "README.md") return "Getting started"
  if (/^docs\/decisions\/\d/.test(source)) return title
  const folder = /^(?:infra|packages|services)\/([^/]+)\/README/.exec(source)?.[1]
  return folder ?? title.replace(/^Gatepost: /, "")
}

export function pageHtml(
  page: Page,
  html: string,
  headings: readonly Heading[],
  groups: readonly Group[],
): string {
  const own = headings.filter(({ level }) => level === 2)
  const items = own.map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`).join("")
  const contents =
    own.length > 2 && own.length < 40
      ? `<aside><nav aria-label="On this page"><ul>${items}</ul></nav></aside>`
      : ""
  const main = `<main id="main">${html}<footer>${escapeHtml(page.source)}</footer></main>${contents}`
  return frame({ url: page.url, title: `${page.title} · Gatepost`, main, groups, className: "page" })
}

const CARDS: [title: string, text: string, url: string][] = [
  [
    "Sign in",
    "Passwords, passkeys, mail links, Google, Apple, GitHub; two factors, known devices, a guard that can't lock owners out.",
    "docs/second-factors.html",
  ],
  [
    "OpenID Connect",
    "The certified library oidc-provider over the same sessions as the JSON API: one store, two doors, one logout.",
    "docs/oidc-client.html",
  ],
  [
    "Offline and revoked at once",
    "Services verify tokens alone, without a call, and refuse a session within a second of its end.",
    "docs/operations/revocation.html",
  ],
  [
    "Mail that arrives",
    "A row before it is a job, in the transaction of its cause; nothing acknowledged is lost, whoever crashes.",
    "docs/mail-reliability.html",
  ],
  [
    "An exact inbox",
    "Notifications with counts that are right at a million unread, live by SSE, pushed and mailed as people like.",
    "docs/operations/notifications.html",
  ],
  [
    "From a laptop to a cluster",
    "The same code over embedded PostgreSQL, one server, Fly or Kubernetes; what grows, and on what.",
    "docs/scaling.html",
  ],
]

/** What it is, in a screenful. */
export function landingHtml(groups: readonly Group[]): string {
  const cards = CARDS.map(
    ([title, text, url]) => `<li><a href="${url}"><h2>${title}</h2><p>${text}</p></a></li>`,
  )
  const main = `<main id="main">
<h1>The gate your users come through,<br>and the post that reaches them.</h1>
<p class="lead">A self-hosted identity service, a notifications API that trusts nothing but its tokens, and a worker that sends the mail.
TypeScript over PostgreSQL; Redis if you have it.</p>
<div class="start"><pre><code>npm start     <i># installs, builds, starts everything: http://localhost:8000</i>
npm test      <i># all tests, on parts it brings along</i></code></pre>
<p>Node 20.19 is all it needs. <a class="button" href="start.html">Getting started</a> <a href="docs/architecture.html">How it works</a></p></div>
<ul class="cards">${cards.join("")}</ul>
</main>`
  return frame({ url: "index.html", title: "Gatepost", main, groups, className: "landing" })
}
