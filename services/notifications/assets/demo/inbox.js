// An app in the small: sign in, list, count, and follow the hints of the stream.
const at = (id) => document.getElementById(id)
let session
/** Of a sign-in that needs a second factor. */
let challenge
let show = ""

async function call(path, { method = "GET", body, ...more } = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(body && { "Content-Type": "application/json" }),
      ...(session && { Authorization: `Bearer ${session.access_token}` }),
      ...more.headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (response.ok) return response
  const problem = await response.json().catch(() => ({}))
  const first = problem.errors?.[0]
  const text = first ? `${first.pointer.slice(1)} ${first.message}` : (problem.detail ?? problem.title)
  throw Object.assign(new Error(text), { problem })
}

async function refresh() {
  const [{ unread_count }, page] = await Promise.all(
    ["/v1/notifications/unread-count", `/v1/notifications?${show}`].map(async (path) =>
      (await call(path)).json(),
    ),
  )
  at("count").textContent = unread_count
  at("count").hidden = unread_count === 0
  at("bell").setAttribute("aria-label", `${unread_count} unread notifications`)
  document.title = unread_count > 0 ? `(${unread_count}) Inbox` : "Inbox"
  at("items").replaceChildren(...page.items.map(itemOf))
  offerMore(page)
  at("empty").hidden = page.items.length > 0
}

function offerMore({ next_cursor }) {
  at("more").hidden = !next_cursor
  at("more").onclick = async () => {
    const page = await (await call(`/v1/notifications?${show}&cursor=${next_cursor}`)).json()
    at("items").append(...page.items.map(itemOf))
    offerMore(page)
  }
}

function element(name, content, props = {}) {
  const made = Object.assign(document.createElement(name), props)
  made.append(...[content].flat())
  return made
}

function itemOf(item) {
  const button = (label, change, body) =>
    element("button", label, {
      type: "button",
      className: "quiet",
      onclick: () => act(`/v1/notifications/${item.id}/${change}`, body),
    })
  const inAnHour = () => ({ until: new Date(Date.now() + 3_600_000).toISOString() })
  const buttons = [
    item.is_read ? button("Unread", "unread") : button("Read", "read"),
    item.is_archived ? button("To inbox", "unarchive") : button("Archive", "archive"),
    button("In an hour", "snooze", inAnHour()),
    button("Delete", "delete"),
  ]
  const when = new Date(item.visible_at).toLocaleString()
  return element(
    "li",
    [
      element("strong", item.title),
      element("p", item.body),
      ...linksOf(item),
      element("small", `${item.category} · ${when}`),
      element("div", buttons, { className: "row" }),
    ],
    { className: item.is_read ? "" : "unread" },
  )
}

/** What opens, and what else can be done: each where it may lead. An app's own scheme is for the app. */
function linksOf({ link, actions }) {
  const links = [...(link ? [{ label: "Open", link }] : []), ...actions]
  if (links.length === 0) return []
  const anchors = links.map(({ label, link }) =>
    element("a", label, { href: link, rel: "noreferrer", title: link }),
  )
  return [element("div", anchors, { className: "row" })]
}

const act = (path, body) => call(path, { method: "POST", body }).then(refresh, refresh)

/** Each hint is a reason to fetch again; whatever was missed while it was away, too. */
async function follow() {
  for (let pause = 1_000; session; await new Promise((resolve) => setTimeout(resolve, pause))) {
    try {
      const { body } = await call("/v1/notifications/stream", { headers: { Accept: "text/event-stream" } })
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        if (value.includes("event: inbox")) await refresh()
        pause = Number(/retry: (\d+)/.exec(value)?.[1] ?? 1_000)
      }
    } catch (error) {
      console.info("the stream ended", error.message)
    }
  }
}

at("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault()
  at("problem").textContent = ""
  const { email, password, code } = Object.fromEntries(new FormData(event.target))
  const [path, body] = challenge
    ? ["login/mfa", { challenge, code }]
    : [event.submitter?.value ?? "login", { email, password }]
  try {
    session = await (await call(`/v1/auth/${path}`, { method: "POST", body })).json()
  } catch (error) {
    const { mfa, code: reason } = error.problem ?? {}
    if (mfa) challenge = mfa.challenge
    else if (reason === "mfa.challenge-invalid") challenge = undefined
    at("second-factor").hidden = !challenge
    at("problem").textContent = mfa ? "Now the code that your authenticator app shows." : error.message
    return
  }
  at("who").textContent = session.user.email
  at("sign-in").hidden = true
  for (const id of ["inbox", "bell", "sign-out"]) at(id).hidden = false
  at("how-to").textContent = howTo(session.user.id)
  void follow()
})

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    show = button.dataset.show
    for (const other of document.querySelectorAll("[data-show]")) {
      other.setAttribute("aria-pressed", String(other === button))
    }
    void refresh()
  })
}
at("mark-all").addEventListener("click", () => act("/v1/notifications/mark-all-read"))
at("bell").addEventListener("click", () => act("/v1/notifications/mark-all-seen"))

// The session ends on the server; whatever this page knew goes with it.
at("sign-out").addEventListener("click", async () => {
  await call("/v1/auth/logout", { method: "POST" }).catch(() => {})
  location.reload()
})

const howTo = (userId) => `TOKEN=$(curl -s -u "backend:$SERVICE_CLIENT_SECRET" \\
  -d grant_type=client_credentials -d scope=notifications:write \\
  ${location.origin}/oidc/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

curl ${location.origin}/v1/notifications -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{"user_id":"${userId}","title":"New match","body":"Hello"}'

curl ${location.origin}/v1/notifications/broadcasts -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{"title":"News","body":"For all of you"}'`
