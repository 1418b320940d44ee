import { connect, type TLSSocket } from "node:tls"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, type Verdict, warn } from "../verdict.js"

const TIMEOUT_MS = 5_000
const DAY_MS = 86_400_000
// certbot renews at 30 days: at 14 it has failed for two weeks.
const WARN_DAYS = 14
const FAIL_DAYS = 3
const RENEW = "renew it: certbot renew, or see why that fails"

/** The public origin has a certificate that browsers take, for some time yet. */
export const tls: Check = {
  name: "tls",
  async run({ env }) {
    const { protocol, hostname, port } = new URL(env.PUBLIC_URL ?? "")
    if (protocol === "http:") {
      return env.NODE_ENV === "production"
        ? fail(`${hostname} is http`, "PUBLIC_URL must be https in production")
        : ok(`${hostname} is http: fine on one's own machine only`)
    }
    try {
      return await greet(hostname, Number(port || 443))
    } catch (cause) {
      return fail(
        `${hostname}: ${reasonOf(cause)}`,
        "see the certificate and its chain in the proxy in front",
      )
    }
  },
}

function greet(host: string, port: number): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: host, timeout: TIMEOUT_MS }, () => {
      resolve(judge(socket, host))
      socket.destroy()
    })
    socket.once("timeout", () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)))
    socket.once("error", reject)
  })
}

function judge(socket: TLSSocket, host: string): Verdict {
  const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / DAY_MS)
  const found = `${host}, ${socket.getProtocol()}, ${days} days left`
  if (days < FAIL_DAYS) return fail(found, RENEW)
  return days < WARN_DAYS ? warn(found, RENEW) : ok(found)
}
