// A page of an inbox, as JSON that PostgreSQL writes: no token, no states, no announcements. Arguments: the URL of
// the database, the user's id.
import pg from "pg"
import { bareExpress, listen } from "./listen.js"

const [url, userId] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 10 })

await listen(
  bareExpress().get("/", async (_req, res) => {
    const { rows } = await pool.query<{ items: string }>({
      name: "page",
      text: `select '[' || string_agg(row_to_json(n)::text, ',') || ']' as items from (
        select * from notifications.notifications where user_id = $1 order by visible_at desc, id desc limit 20) n`,
      values: [userId],
    })
    res.type("json").send(rows[0]?.items)
  }),
)
