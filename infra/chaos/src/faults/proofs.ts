/** A promise that something else than this harness puts to the proof. */
export interface Proof {
  id: string
  promise: string
  fault: string
  /** What was seen, and where it is shown. */
  proof: string
}

const CAMPAIGN = "[the mail campaign](mail-reliability.md), `npm run chaos:mail`, a tenth of it in `npm test`"

export const proofs: readonly Proof[] = [
  {
    id: "R8",
    promise: "A mail arrives at least once, and at most once more for each crash",
    fault: "workers killed and frozen, before and after the hand-over; 451, 550, silence after DATA",
    proof: `${CAMPAIGN}: 30,018 mails, 0 lost, 0 of those sent once doubled; services/mail-worker/test/failures.test.ts for each answer of a server`,
  },
  {
    id: "R9",
    promise: "SMTP may be down for hours",
    fault: "a server that takes connections and answers nobody, for 20 s, with 2,000 mails waiting",
    proof: `${CAMPAIGN}: 0 of all sign-ups failed, their p99 did not rise, the backlog left within 14 s, of 100 expired mails none was sent. Three hours were not waited`,
  },
  {
    id: "R10",
    promise: "A backlog can't hold up an urgent mail",
    fault: "100,000 newsletters waiting, then 200 codes",
    proof: `${CAMPAIGN}: from commit to the server's 250 p99 of 129 ms`,
  },
  {
    id: "R22",
    promise: "A backup restores",
    fault: "dump and restore with the secrets into a new cluster; a stopped `DATA_DIR` copied",
    proof:
      "by tests on PostgreSQL 15 and of a `DATA_DIR`: [backup and restore](operations/backup.md#what-was-tried)",
  },
]
