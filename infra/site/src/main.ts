// `npm run docs`: the documentation as a web site, in `site/`.
import path from "node:path"
import { parseArgs } from "node:util"
import { buildSite } from "./build.js"
import { ROOT } from "./pages.js"

const { values } = parseArgs({ options: { repository: { type: "string" } } })
const folder = path.join(ROOT, "site")
const count = buildSite(folder, { repository: values.repository?.replace(/\/$/, "") })
console.log(`${count} pages in site/: open site/index.html, or put the folder on any web server.`)
