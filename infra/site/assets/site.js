// The search, which loads its index when somebody first wants it; and the list of pages, open where there is room.
const nav = document.querySelector("details.nav")
const wide = matchMedia("(min-width: 60rem)")
const unfold = () => {
  nav.open = wide.matches && document.body.className === "page"
}
wide.addEventListener("change", unfold)
unfold()
nav.querySelector("[aria-current]")?.scrollIntoView({ block: "center" })
if (!location.hash) scrollTo(0, 0)

const root = document.body.dataset.root
const input = document.querySelector(".search input")
const list = document.querySelector(".search ul")
let index

const load = (file) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = `${root}assets/${file}`
    script.onload = resolve
    script.onerror = reject
    document.head.append(script)
  })

async function find() {
  index ??= Promise.all([load("minisearch.js"), load("search-index.js")]).then(() =>
    globalThis.MiniSearch.loadJSON(globalThis.searchIndex, globalThis.searchOptions),
  )
  const words = input.value.trim()
  const options = { prefix: true, fuzzy: 0.15, boost: { title: 4, headings: 2 }, combineWith: "AND" }
  const found = words ? (await index).search(words, options).slice(0, 10) : []
  if (words !== input.value.trim()) return
  list.replaceChildren(
    ...found.map(({ title, url }) => {
      const [item, link] = [document.createElement("li"), document.createElement("a")]
      link.href = root + url
      link.textContent = title
      item.append(link)
      return item
    }),
  )
  if (words && found.length === 0) list.append("Nothing found.")
  list.hidden = !words
}

input.addEventListener("input", find)
input.addEventListener("keydown", ({ key }) => {
  if (key === "Enter") list.querySelector("a")?.click()
  if (key === "Escape") list.hidden = true
})
document.addEventListener("click", ({ target }) => {
  if (!target.closest(".search")) list.hidden = true
})
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === input) return
  event.preventDefault()
  input.focus()
})
