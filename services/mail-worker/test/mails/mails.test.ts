import assert from "node:assert/strict"
import { type MailKind, mailKinds } from "@gatepost/contracts"
import { InvalidMailError, type MailContent } from "@gatepost/mail-queue"
import { renderMail } from "#src/mails/index.js"

const app = { name: "Movr", from: "hello@movr.example", color: "#0a7d55" }
const link = "movr://reset-password?token=a-token&next=%2Fhome"

const payloads: Record<MailKind, object> = {
  "verify-email": { app, link, expires_in_minutes: 1_440 },
  "reset-password": { app, link, expires_in_minutes: 60 },
  "confirm-new-email": { app, link, expires_in_minutes: 60 },
  "email-changed": { app, link, expires_in_minutes: 4_320, changed_at: "2026-11-21T02:23:00Z" },
  "password-changed": { app, changed_at: "2026-11-21T02:23:00Z" },
  "session-revoked": { app, revoked_at: "2026-11-21T02:23:00Z" },
}
const render = (kind: MailKind, more: object = {}, locale?: string) =>
  renderMail({ kind, payload: { ...payloads[kind], ...more } } as MailContent, locale)

describe("every mail", () => {
  for (const kind of mailKinds) {
    it(`${kind} says the same in HTML and in plain text`, () => {
      const { subject, html, text } = render(kind, { greeting_name: "Jane" })
      assert.match(subject, /Movr/)
      const plain = asText(html)
      for (const line of text.split("\n").filter((line) => line.trim() && line !== "-- ")) {
        const said = line.replace(/:$/, "")
        assert.ok(plain.includes(said), `${said} is missing in the HTML`)
      }
      assert.match(text, /Hello Jane,/)
      assert.match(text, /If (you|it|that)/)
    })

    it(`${kind} greets a stranger without a name`, () => {
      assert.match(render(kind).text, /\n\nHello,\n\n/)
    })

    it(`${kind} loads nothing from elsewhere and runs nothing`, () => {
      const { html } = render(kind)
      assert.doesNotMatch(html, /<(img|script|link|iframe|form)|src=|url\(|@import/)
    })
  }

  it("carries its link as a button and as text, whatever the app’s scheme", () => {
    const { html, text } = render("reset-password")
    assert.ok(text.includes(link))
    assert.equal(html.split(`href="${link.replace("&", "&amp;")}"`).length, 3)
    assert.ok(asText(html).includes(link))
  })

  it("shows its code, and how long that holds", () => {
    const code = { digits: "012345", expires_in_minutes: 10 }
    for (const kind of ["verify-email", "reset-password", "confirm-new-email"] as const) {
      const { html, text } = render(kind, { code })
      for (const said of [text, asText(html)]) assert.match(said, /\b012345\b.* 10 minutes/)
      assert.doesNotMatch(render(kind).text, /code/)
    }
  })

  it("says when it expires, in words", () => {
    const expiry = (minutes: number) =>
      /expires in ([^.]*?)( and|\.)/.exec(render("reset-password", { expires_in_minutes: minutes }).text)?.[1]
    assert.deepEqual([60, 1_440, 10, 90, 1].map(expiry), [
      "1 hour",
      "24 hours",
      "10 minutes",
      "90 minutes",
      "1 minute",
    ])
  })

  it("says when something happened, with the time zone", () => {
    assert.match(render("password-changed").text, /on 21 November 2026 at 02:23 UTC/)
  })

  it("speaks English where it doesn’t know the language, and says so", () => {
    const { language, text } = render("verify-email", {}, "xx-YY")
    assert.equal(language, "en")
    assert.match(text, /Confirm your email/)
  })

  // Check 104.
  it("shows a name as it was typed, and never as markup or as a template", () => {
    for (const name of ["<b>Jane</b>", "{{7*7}}", "\u0024{7*7}", "\"'&", "<img src=x onerror=alert(1)>"]) {
      const { html, text } = render("verify-email", { greeting_name: name })
      assert.ok(shown(text).includes(`Hello ${name},`))
      assert.ok(shown(asText(html)).includes(`Hello ${name},`))
      assert.doesNotMatch(html, /<b>|<img/)
    }
  })

  // Check 103.
  it("keeps a name and a subject on one line and short", () => {
    const name = `Ja\r\nne\u2028\0\u202e${"x".repeat(10_000)}`
    const { text } = render("verify-email", { greeting_name: name })
    assert.match(text, /\n\nHello Ja ne x{50,60},\n\n/)

    const { subject } = render("verify-email", { app: { ...app, name: "Movr\r\nBcc: eve@evil.example" } })
    assert.equal(subject, "Confirm your email for Movr Bcc: eve@evil.example")
  })

  it("makes no link of a name, nor lets a mail program make one", () => {
    for (const name of ["https://evil.example/x", "evil.example", "eve@evil.example", "J.R.R. Tolkien"]) {
      const { html, text } = render("verify-email", { greeting_name: name })
      assert.ok(shown(text).includes(`Hello ${name},`), "a reader sees the name")
      for (const body of [html, text]) assert.doesNotMatch(body, /evil\.example|https:\/\/evil|@evil/)
    }
  })

  for (const bad of ["javascript:alert(1)", "data:text/html,x", "no link", "", "vbscript:x"]) {
    it(`is not made with the link ${JSON.stringify(bad)}`, () => {
      assert.throws(() => render("verify-email", { link: bad }), InvalidMailError)
    })
  }

  it("takes no colour that is none", () => {
    const { html } = render("verify-email", { app: { ...app, color: "red;background:url(//evil.example)" } })
    assert.doesNotMatch(html, /evil/)
  })

  it("writes on its button so that it can be read", () => {
    const label = (color: string) =>
      /color:(#[0-9a-f]{6});text-decoration/.exec(
        render("verify-email", { app: { ...app, color } }).html,
      )?.[1]
    assert.equal(label("#ffe14d"), "#171c22")
    assert.equal(label("#0b1f4d"), "#ffffff")
  })
})

const ENTITIES: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
}

const asText = (html: string): string =>
  html.replace(/<[^>]*>/g, "\n").replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)

/** What a reader sees, without what keeps a mail program from making links. */
const shown = (text: string): string => text.replaceAll("\u200b", "")
