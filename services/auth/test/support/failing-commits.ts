import type { TestDatabase } from "@gatepost/testkit"

/**
 * While `work` runs, each transaction that writes to this table fails at its commit, when all its statements
 * went well: what is there afterwards was written by another one.
 */
export async function withFailingCommits<Result>(
  db: TestDatabase,
  table: string,
  work: () => PromiseLike<Result>,
): Promise<Result> {
  await db.query(`create function public.fail() returns trigger language plpgsql as
    $$ begin raise exception 'the disk is full'; end $$`)
  await db.query(`create constraint trigger fails after insert or update on ${table}
    deferrable initially deferred for each row execute function public.fail()`)
  try {
    return await work()
  } finally {
    await db.query("drop function public.fail cascade")
  }
}
