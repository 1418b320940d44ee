import { CLIENTS, SIGNED_OUT } from "../../oidc/support/apps.js"
import { codeFlow, type OidcTokens, silently } from "../../oidc/support/flows.js"
import { signOut } from "../../oidc/support/sign-out.js"
import { sessionOf } from "../../revocations/support/feed.js"
import { logIn, logOut, refresh } from "../../support/people.js"
import { ask, type Browser, exchangeCode, refreshAtTokenEndpoint } from "../../support/relying-party.js"
import type { Bundle } from "../../support/setup.js"

type SessionTokens = Pick<OidcTokens, "access_token" | "refresh_token">

/** Somebody who is signed in three times: in a browser by the OpenID Provider, and twice at the JSON door. */
export interface SignedIn {
  email: string
  userId: string
  browser: Browser
  sessions: Record<SessionName, SessionTokens>
  idToken: string
  /** Exchanges the code that the session in the browser came from once more. */
  replayCode(): Promise<Answer>
}

export type SessionName = "browser" | "phone" | "laptop"

interface Answer {
  status: number
}

/** One way in which sessions end. */
export interface End {
  title: string
  /** What has to be there before; the answer ends the sessions, and may be called again when it failed. */
  prepare(auth: Bundle, person: SignedIn): Promise<() => Promise<Answer>>
  ends: SessionName[]
  /** The answer that says so. */
  status: number
  /** The audit event of each session. */
  event: "session.ended" | "session.refresh-reused"
  /** What the owner is told, once. */
  mail?: "session-revoked" | "password-changed"
}

const ALL: SessionName[] = ["browser", "phone", "laptop"]
const ended = { status: 200, event: "session.ended" } as const
const bearer = ({ access_token }: SessionTokens) => ({ Authorization: `Bearer ${access_token}` })

/** Every way there is; a further one is a further row. */
export const ENDS: readonly End[] = [
  {
    ...ended,
    title: "logout at the JSON door",
    prepare:
      async (auth, { sessions }) =>
      () =>
        logOut(auth, sessions.phone.access_token),
    ends: ["phone"],
  },
  {
    ...ended,
    title: "logout at the JSON door of a session from the code flow",
    prepare:
      async (auth, { sessions }) =>
      () =>
        logOut(auth, sessions.browser.access_token),
    ends: ["browser"],
  },
  {
    ...ended,
    title: "RP-initiated logout",
    status: 303,
    prepare:
      async (_, { browser, idToken }) =>
      async () => {
        const params = { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT }
        return (await signOut(browser, params)).end
      },
    ends: ["browser"],
  },
  {
    ...ended,
    title: "the OAuth revocation endpoint, for a token of the JSON door",
    prepare: async (auth, { sessions }) => {
      const token = sessions.phone.refresh_token
      return () => ask(auth, "token/revocation", CLIENTS.web, { token })
    },
    ends: ["phone"],
  },
  {
    ...ended,
    title: "the OAuth revocation endpoint, for a token of the code flow",
    prepare: async (auth, { sessions }) => {
      const token = sessions.browser.refresh_token
      return () => ask(auth, "token/revocation", CLIENTS.web, { token })
    },
    ends: ["browser"],
  },
  {
    ...ended,
    title: "the OAuth revocation endpoint, for an opaque access token",
    prepare: async (auth, { browser }) => {
      const { request, location } = await silently(browser, CLIENTS.web)
      const { body } = await exchangeCode(auth, request, location).expect(200)
      return () => ask(auth, "token/revocation", CLIENTS.web, { token: body.access_token })
    },
    ends: ["browser"],
  },
  {
    ...ended,
    title: "an authorization code that comes twice",
    status: 400,
    prepare: async (_, { replayCode }) => replayCode,
    ends: ["browser"],
  },
  {
    ...ended,
    title: "the list of sessions, one",
    prepare:
      async ({ http }, { sessions }) =>
      () =>
        http
          .delete(`/v1/auth/sessions/${sessionOf(sessions.browser.access_token)}`)
          .set(bearer(sessions.phone)),
    ends: ["browser"],
  },
  {
    ...ended,
    title: "the list of sessions, all others",
    prepare:
      async ({ http }, { sessions }) =>
      () =>
        http.delete("/v1/auth/sessions").query({ which: "others" }).set(bearer(sessions.laptop)),
    ends: ["browser", "phone"],
  },
  {
    ...ended,
    title: "the list of sessions, all",
    prepare:
      async ({ http }, { sessions }) =>
      () =>
        http.delete("/v1/auth/sessions").query({ which: "all" }).set(bearer(sessions.laptop)),
    ends: ALL,
  },
  {
    ...ended,
    title: "a password reset",
    mail: "password-changed",
    async prepare({ http, tokenFromMail }, { email }) {
      await http.post("/v1/auth/forgot-password").send({ email }).expect(200)
      const body = { token: await tokenFromMail("reset-password"), new_password: "quite another phrase" }
      return () => http.post("/v1/auth/reset-password").send(body)
    },
    ends: ALL,
  },
  {
    title: "a refresh token that comes twice, at the JSON door",
    status: 401,
    event: "session.refresh-reused",
    mail: "session-revoked",
    async prepare(auth, { sessions }) {
      const stolen = await spendTwice(auth, sessions, "phone")
      return () => refresh(auth, stolen)
    },
    ends: ["phone"],
  },
  {
    title: "a refresh token that comes twice, at the token endpoint",
    status: 400,
    event: "session.refresh-reused",
    mail: "session-revoked",
    async prepare(auth, { sessions }) {
      const stolen = await spendTwice(auth, sessions, "browser")
      return () => refreshAtTokenEndpoint(auth, CLIENTS.web, stolen)
    },
    ends: ["browser"],
  },
]

/** Goes two tokens on; gives the one that was first. */
async function spendTwice(auth: Bundle, sessions: SignedIn["sessions"], which: SessionName): Promise<string> {
  const { refresh_token } = sessions[which]
  for (const _ of [1, 2]) {
    sessions[which] = (await refresh(auth, sessions[which].refresh_token).expect(200)).body
  }
  return refresh_token
}

export async function signInEverywhere(auth: Bundle): Promise<SignedIn> {
  const { request, location, tokens, registered, ...person } = await codeFlow(auth, {
    scope: "openid account",
  })
  const { body: laptop } = await logIn(auth, person.email).expect(200)
  return {
    ...person,
    sessions: { browser: tokens, phone: registered, laptop },
    idToken: tokens.id_token,
    replayCode: () => exchangeCode(auth, request, location),
  }
}
