import { writeFileSync } from "node:fs"
import path from "node:path"
import { call } from "../call.js"
import { CONNECTIONS } from "../connections.js"
import { startNode } from "../processes/start-node.js"
import { installPackages } from "./install-packages.js"
import type { Peer } from "./peer.js"

const APP = { "X-Parse-Application-Id": "bench" }
const CREDENTIALS = { username: "someone@example.com", password: "correct horse battery staple" }

const PROGRAM = `
import { createServer } from "node:http"
import { ParseServer } from "parse-server"

const parse = new ParseServer({
  databaseURI: process.env.DATABASE_URL,
  serverURL: "http://127.0.0.1/",
  appId: "${APP["X-Parse-Application-Id"]}",
  masterKey: "a secret of the bench, long enough for it",
  logsFolder: null,
  silent: true,
})
await parse.start()
const server = createServer(parse.app)
server.listen(0, "127.0.0.1", () => process.send({ type: "ready", port: server.address().port }))
process.on("disconnect", () => process.exit())
`

export const parseServer: Peer = {
  name: "parse-server",
  note:
    "9.10.0 on PostgreSQL, with its default password hash (bcrypt of cost 10, in native code) and its cache of " +
    "sessions in memory. Its sessions are opaque tokens: nothing is signed, and there is no refresh.",

  install: (cacheDir) => installPackages(cacheDir, ["parse-server@9.10.0"]),

  async start({ cacheDir, createDatabase }) {
    const script = path.join(cacheDir, "server.mjs")
    writeFileSync(script, PROGRAM)
    const server = await startNode({
      name: "parse-server",
      script,
      cwd: cacheDir,
      env: { DATABASE_URL: await createDatabase(), NODE_ENV: "production" },
    })
    await call(`${server.url}/users`, { headers: APP, body: CREDENTIALS })
    return server
  },

  scenarios: {
    signIn: async ({ url }) => ({
      url: `${url}/login`,
      method: "POST",
      headers: APP,
      body: JSON.stringify(CREDENTIALS),
      expect: 200,
      contains: "sessionToken",
      connections: CONNECTIONS.signIn,
    }),
    me: async ({ url }) => {
      const { json } = await call(`${url}/login`, { headers: APP, body: CREDENTIALS })
      return {
        url: `${url}/users/me`,
        method: "GET",
        headers: { ...APP, "X-Parse-Session-Token": String(json.sessionToken) },
        expect: 200,
        contains: CREDENTIALS.username,
        connections: CONNECTIONS.me,
      }
    },
  },
}
