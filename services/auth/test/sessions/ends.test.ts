import assert from "node:assert/strict"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { readAll, sessionOf, tokenFor } from "../revocations/support/feed.js"
import { withFailingCommits } from "../support/failing-commits.js"
import { countMails } from "../support/mails.js"
import { me, refresh } from "../support/people.js"
import { refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { ENDS, type End, type SessionName, type SignedIn, signInEverywhere } from "./support/ends.js"

// checks 54, 61, 66, 67 and 68; DESIGN.md D6, D17
describe("each end of a session", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let feedToken: string

  before(async () => {
    auth = await setupProvider()
    processes = [auth, await auth.another()]
    feedToken = await tokenFor(auth)
  })
  after(() => auth.stop())

  const idsOf = ({ sessions }: SignedIn, names: SessionName[]) =>
    names.map((name) => sessionOf(sessions[name].access_token)).sort()
  const namesOf = ({ sessions }: SignedIn) => Object.keys(sessions) as SessionName[]

  /** Which of them every process lets in. */
  async function alive({ sessions }: SignedIn): Promise<SessionName[]> {
    const names: SessionName[] = []
    for (const [name, { access_token }] of Object.entries(sessions)) {
      const statuses = await Promise.all(processes.map(async (each) => (await me(each, access_token)).status))
      assert.equal(new Set(statuses).size, 1)
      if (statuses[0] === 200) names.push(name as SessionName)
      else assert.equal(statuses[0], 401)
    }
    return names
  }

  /** What is written of the sessions' ends, wherever it stands. */
  async function traces(person: SignedIn, { event, mail }: End) {
    const ids = idsOf(person, namesOf(person))
    const revoked = (await readAll(auth, feedToken)).filter(({ session_id }) => ids.includes(session_id))
    const events = await auth.db.query<{ session_id: string; client_id: string }>(
      "select session_id, client_id from auth.audit_events where account_id = ? and event = ?",
      [person.userId, event],
    )
    return {
      revoked: revoked.map(({ session_id }) => session_id).sort(),
      events: events.map(({ session_id }) => session_id).sort(),
      clients: [...new Set(events.map(({ client_id }) => client_id))],
      mails: mail ? await countMails(auth, mail, person.email) : 0,
    }
  }

  const NOTHING = { revoked: [], events: [], clients: [], mails: 0 }

  for (const end of ENDS) {
    it(`by ${end.title} is felt at once at both doors, told to the feed, the audit and the owner`, async () => {
      const person = await signInEverywhere(auth)
      const act = await end.prepare(auth, person)
      assert.deepEqual(await traces(person, end), NOTHING)
      const before = (await readAll(auth, feedToken)).at(-1)?.seq ?? 0

      assert.equal((await act()).status, end.status)

      const left = namesOf(person).filter((name) => !end.ends.includes(name))
      assert.deepEqual(await alive(person), left)
      for (const name of end.ends) {
        const { refresh_token } = person.sessions[name]
        for (const each of processes) {
          await refresh(each, refresh_token).expect(401)
          await refreshAtTokenEndpoint(each, CLIENTS.web, refresh_token).expect(400)
        }
      }
      const ids = idsOf(person, end.ends)
      const mails = end.mail ? 1 : 0
      assert.deepEqual(await traces(person, end), { revoked: ids, events: ids, clients: ["web"], mails })
      const seqs = (await readAll(auth, feedToken)).map(({ seq }) => seq).filter((seq) => seq > before)
      assert.equal(seqs.length, ids.length)
      assert.deepEqual(
        seqs,
        [...new Set(seqs)].sort((a, b) => a - b),
      )
      for (const name of left) await refresh(auth, person.sessions[name].refresh_token).expect(200)
    })

    it(`by ${end.title} is whole or not at all`, async () => {
      const person = await signInEverywhere(auth)
      const act = await end.prepare(auth, person)
      const tables = ["auth.sessions", "auth.revocations", "auth.audit_events"]
      for (const table of [...tables, ...(end.mail ? ["mail.messages"] : [])]) {
        const { status } = await withFailingCommits(auth.db, table, act)
        assert.ok(status >= 500, `${table}: ${status}`)
        assert.deepEqual(await alive(person), namesOf(person), table)
        assert.deepEqual(await traces(person, end), NOTHING, table)
      }

      assert.equal((await act()).status, end.status)
      const ids = idsOf(person, end.ends)
      const mails = end.mail ? 1 : 0
      assert.deepEqual(await traces(person, end), { revoked: ids, events: ids, clients: ["web"], mails })
    })
  }
})
