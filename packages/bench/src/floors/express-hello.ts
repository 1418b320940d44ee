// The least that Express does for an answer.
import { bareExpress, listen } from "./listen.js"

await listen(bareExpress().get("/", (_req, res) => void res.json({ hello: "world" })))
