import assert from "node:assert/strict"
import { startDnsServer, until } from "@gatepost/testkit"
import { setupProvider, writeApps } from "../oidc/support/apps.js"
import { runChild } from "../support/child.js"
import { logOut, register } from "../support/people.js"
import { settings } from "../support/setup.js"
import { openOwn } from "./support/own.js"
import { setupTold, type ToldBundle } from "./support/told.js"

const DAY = 86_400

describe("the back-channel logout of an app", () => {
  let auth: ToldBundle

  before(async () => {
    auth = await setupTold()
  })
  after(() => auth.stop())

  // check 94: refused at registration.
  it("is refused at the start, with every reason at once, where it can't be sent", async () => {
    const apps = await writeApps({
      web: { backchannel_logout_uri: "http://rp.example/logout" },
      basic: { backchannel_logout_uri: "https://169.254.169.254/" },
    })
    const { code, output } = await runChild({
      ...settings(auth.db),
      APPS_FILE: apps.file,
      DEFAULT_APP: "web",
    })
    await apps.remove()
    assert.equal(code, 1)
    assert.match(output, /^APPS_FILE .*backchannel_logout_uri of web: it must start with https:\/\//m)
    assert.match(
      output,
      /backchannel_logout_uri of basic: it leads to 169\.254\.169\.254, which is no public/,
    )
    assert.doesNotMatch(output, /^ {4}at /m)
  })

  it("is of those apps that had a URI when a process started last", async () => {
    const none = await writeApps()
    await auth.another({ APPS_FILE: none.file })
    await logOut(auth, (await register(auth)).access_token).expect(200)
    await auth.another()
    await logOut(auth, (await register(auth)).access_token).expect(200)
    await none.remove()
    assert.equal((await auth.settled()).length, 1)
  })

  it("is forgotten a week after its day", async () => {
    const own = await openOwn(auth.db, auth.receiver.uriOf("web"), { allowLoopback: true })
    await logOut(auth, (await register(auth)).access_token).expect(200)
    await auth.settled()
    await auth.db.elapse(7.9 * DAY)
    assert.equal(await own.sweep(), 0)
    await auth.db.elapse(0.2 * DAY)
    assert.ok((await own.sweep()) > 0)
    assert.deepEqual(await auth.rows(), [])
    await own.close()
  })

  // checks 94 and 122: what a name means may change after the start.
  it("is not sent where its name has come to mean a private address, and is tried again", async () => {
    const plain = await setupProvider()
    const dns = await startDnsServer((_name, type) => (type === "A" ? ["10.0.0.1"] : []))
    const own = await openOwn(plain.db, "https://rp.example/logout", {
      allowLoopback: true,
      resolver: dns.resolver,
    })
    await logOut(plain, (await register(plain)).access_token).expect(200)
    const row = async () => (await plain.db.query("select * from auth.backchannel_logouts"))[0]
    await until("it is noted", async () => (await row())?.last_answer !== null)
    assert.equal((await row())?.last_answer, "rp.example is at 10.0.0.1, which is no public address")
    assert.equal((await row())?.outcome, null)
    await own.close()
    dns.stop()
    await plain.stop()
  })
})
