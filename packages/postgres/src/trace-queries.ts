import type { OpenSpan, Tracer } from "@gatepost/tracing"
import type { Knex } from "knex"

interface Query {
  __knexQueryUid: string
  sql?: string
}

const FIRST_WORD = /^[\s(]*([a-z]+)/i

/** Makes each statement of knex a span, where it is part of a trace: its first word alone, never its values. */
export function traceQueries(db: Knex, tracer: Tracer): void {
  const open = new Map<string, OpenSpan>()
  const end = ({ __knexQueryUid: id }: Query, failure?: unknown) => {
    open.get(id)?.end(failure)
    open.delete(id)
  }
  db.on("query", (query: Query) => {
    if (tracer.current() === undefined) return
    open.set(
      query.__knexQueryUid,
      tracer.begin(statementSpan(FIRST_WORD.exec(query.sql ?? "")?.[1] ?? "other")),
    )
  })
  db.on("query-response", (_response: unknown, query: Query) => end(query))
  db.on("query-error", (cause: unknown, query: Query) => end(query, cause))
}

/** @param operation of few different ones: a prepared statement's name, or an SQL verb */
export const statementSpan = (operation: string) =>
  ({
    name: `postgresql ${operation.toLowerCase()}`,
    kind: "client",
    attributes: { "db.system.name": "postgresql", "db.operation.name": operation.toLowerCase() },
  }) as const
