/** How everything was measured, a line of Markdown each. */
export const METHOD = [
  "- Each subject is a process of its own on loopback, with limits off (`RATE_LIMITS=off`) and request logs off" +
    " (`LOG_LEVEL=warn`); every other setting is its default. PostgreSQL syncs each commit to the disk.",
  "- One load generator, in a process of its own, sends the same way to all: a fixed number of kept-alive" +
    " connections (8 for sign-in, 16 else), each with one request in flight. Any failed request fails the run.",
  "- Refresh: a session for each connection, and each request presents the token that the last one returned.",
  "- Floors do the one thing that can't be left out, behind bare Express: no body is parsed, nothing checked.",
  "- Mail: a transaction with many mails commits, and the clock runs until the last was answered with 250;" +
    " nodemailer alone sends the same mail, rendered beforehand, by a pool of ten.",
  "- Protected route: all get the same request, with a token as the auth service makes them.",
  "- Storm: forty refreshes a second, quiet and then while 64 connections sign in without a pause; each server is" +
    " its own measure. A refresh that finds no free connection has begun to wait. Where a sign-in is turned away" +
    " (503 with Retry-After), its connection comes again when it was told to.",
  "- Logout: one after the other, while sixteen connections refresh without a pause. Five resource servers, each a" +
    " process with our verifier and the revocation feed, have just accepted the token; from the answer to the" +
    " logout on each is asked every 5 ms, and the time is that of the last one's first 401.",
  "- Growth: 10,000 and a million users, each with a session, ten refresh tokens (a hundred thousand, ten million" +
    " rows), two audit events and two known devices; ten thousand of them, all over the tables, come in turn. CPU is" +
    " that of the server and the database for each request; disk is all tables and indexes of the auth service.",
  "- Memory: resident set (RSS) of the server's process, with one account and nothing to do.",
  "- Start-up: from `npm start`, on a data folder that was used before, to the answer to the first sign-in.",
  "- The raw figures are in [benchmarks.json](benchmarks.json).",
]
