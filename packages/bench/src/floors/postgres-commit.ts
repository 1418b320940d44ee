// One row inserted and synced to the disk for each request. Argument: the URL of an empty database.
import pg from "pg"
import { bareExpress, listen } from "./listen.js"

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 })
await pool.query("create table commits (id bigint generated always as identity primary key, note text)")

await listen(
  bareExpress().post("/", async (_req, res) => {
    await pool.query({ name: "commit", text: "insert into commits (note) values ($1)", values: ["a note"] })
    res.json({})
  }),
)
