import type { Language } from "@gatepost/contracts"
import escapeHtml from "escape-html"
import { renderMail } from "#src/mails/index.js"
import type { ExampleApp } from "../support/apps.js"
import { samplesOf } from "../support/samples.js"

/** The gallery's one page: what to look at stands in its fragment, so that a view can be shared and reloaded. */
export function galleryPage(apps: ExampleApp[], languages: readonly Language[]): string {
  const [first] = apps
  const samples = first ? samplesOf(first) : []
  const mails = samples.map(({ name }, index) => ({ value: String(index), label: name }))
  const subjects = apps.map((app) => [app.id, samplesOf(app).map((sample) => subjectsOf(sample.content))])

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gatepost’s mails</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<form>
${choice("mail", mails)}
${choice(
  "app",
  apps.map(({ id, name }) => ({ value: id, label: name })),
)}
${choice(
  "language",
  languages.map((language) => ({ value: language, label: language })),
)}
</form>
<h1></h1>
<main>
<section><h2>Phone, 360</h2><iframe data-part="html" width="360" title="phone"></iframe></section>
<section><h2>Phone, dark</h2><iframe data-part="dark.html" width="360" title="phone, dark"></iframe></section>
<section><h2>Desktop, 700</h2><iframe data-part="html" width="700" title="desktop"></iframe></section>
<section><h2>Desktop, dark</h2><iframe data-part="dark.html" width="700" title="desktop, dark"></iframe></section>
<section><h2>Plain text</h2><iframe data-part="txt" width="700" title="plain text"></iframe></section>
</main>
<script>const subjects = ${JSON.stringify(Object.fromEntries(subjects)).replaceAll("<", "\\u003c")}
${SCRIPT}</script>
</body>
</html>`

  function subjectsOf(content: Parameters<typeof renderMail>[0]) {
    return Object.fromEntries(languages.map((language) => [language, renderMail(content, language).subject]))
  }
}

const choice = (name: string, options: { value: string; label: string }[]): string =>
  `<fieldset><legend>${name}</legend>${options
    .map(
      ({ value, label }, index) =>
        `<label><input type="radio" name="${name}" value="${escapeHtml(value)}"${index === 0 ? " checked" : ""}>${escapeHtml(label)}</label>`,
    )
    .join("")}</fieldset>`

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 0; padding: 1.5rem; background: light-dark(#fff, #16181d); color: light-dark(#16181d, #eceef2); }
  form { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; }
  fieldset { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; border: 0; }
  legend { float: left; margin-right: 1rem; font-weight: 600; }
  h1 { margin: 1.25rem 0; font-size: 1.25rem; overflow-wrap: anywhere; }
  h2 { margin: 0 0 0.5rem; font-size: 0.9rem; font-weight: 600; }
  main { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: start; }
  section { max-width: 100%; }
  iframe { display: block; max-width: 100%; border: 1px solid #8884; border-radius: 8px; background: #fff; color-scheme: light; }
`

const SCRIPT = `
  const form = document.forms[0]
  const show = () => {
    const { mail, app, language } = Object.fromEntries(new FormData(form))
    document.querySelector("h1").textContent = subjects[app][mail][language]
    for (const frame of document.querySelectorAll("iframe"))
      frame.src = "/" + app + "/" + language + "/" + mail + "." + frame.dataset.part
    history.replaceState(null, "", "#" + new URLSearchParams(new FormData(form)))
  }
  for (const frame of document.querySelectorAll("iframe"))
    frame.addEventListener("load", () => {
      frame.style.height = "0"
      frame.style.height = frame.contentDocument.documentElement.scrollHeight + 2 + "px"
    })
  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
    if (form.elements[name]) form.elements[name].value = value
  form.addEventListener("change", show)
  show()
`
