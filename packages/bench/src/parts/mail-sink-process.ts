// An SMTP server that takes every mail and keeps none, in a process of its own.
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { SMTPServer } from "smtp-server"
import { answerCalls } from "../processes/calls.js"

let accepted = 0
let awaited: { total: number; reached(): void } | undefined

const sink = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, done) {
    stream.resume()
    stream.once("end", () => {
      done()
      accepted++
      if (awaited && accepted >= awaited.total) awaited.reached()
    })
  },
})
sink.on("error", () => {})

answerCalls({
  accepted: async () => accepted,
  reach: (total: number) =>
    new Promise<void>((resolve) => {
      awaited = { total, reached: resolve }
      if (accepted >= total) resolve()
    }),
})
sink.listen(0, "127.0.0.1")
await once(sink.server, "listening")
process.send?.({ type: "ready", port: (sink.server.address() as AddressInfo).port })
