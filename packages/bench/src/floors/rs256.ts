// What a refresh can't do without: one signature over an access token of ours.
import { startKeyServer } from "../parts/key-server.js"
import { bareExpress, listen } from "./listen.js"

const { issueToken } = await startKeyServer()

await listen(bareExpress().post("/", (_req, res) => void res.json({ access_token: issueToken() })))
