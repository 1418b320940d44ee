import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer as createHttpServer, type RequestListener } from "node:http"
import { type AddressInfo, createServer, type Server } from "node:net"
import { type DnsServer, startDnsServer } from "@gatepost/testkit"
import { createEgress, EgressRefused } from "#src/index.js"

const closed = createEgress({ allowLoopback: false })
const open = createEgress({ allowLoopback: true })

const listening = async (server: Server) => {
  await once(server.listen(0, "127.0.0.1"), "listening")
  return (server.address() as AddressInfo).port
}
const close = (server: Server) => new Promise((resolve) => server.close(resolve))

// checks 94 and 122
describe("a call to a place that somebody named", () => {
  describe("is refused, without being made, for", () => {
    for (const host of [
      ...[
        "127.0.0.1",
        "127.8.8.8",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "localhost",
        "rp.localhost",
      ],
      ...["LOCALHOST.", "0.0.0.0", "0.1.2.3", "[::]"],
      ...["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"],
      ...["169.254.169.254", "169.254.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"],
      ...["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1"],
      ...["255.255.255.255", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"],
      ...[
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::a00:1]",
      ],
      ...["[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[100::1]", "[5f00::1]", "[4000::1]"],
    ]) {
      it(host, async () => {
        const target = `https://${host}/`
        assert.ok(closed.faultOf(target))
        await assert.rejects(closed.postForm(target, {}), EgressRefused)
      })
    }
  })

  it("may lead to public addresses and to names, by https alone", () => {
    for (const host of [
      "93.184.216.34",
      "[2606:2800:220:1::1]",
      "rp.example",
      "rp.example:8443",
      "172.32.0.1",
    ]) {
      assert.equal(closed.faultOf(`https://${host}/logout?a=b`), undefined)
      assert.match(closed.faultOf(`http://${host}/`) ?? "", /https:/)
      assert.match(open.faultOf(`http://${host}/`) ?? "", /https:/)
    }
  })

  it("may lead to this machine where that is allowed, and to no other private place", () => {
    for (const scheme of ["http", "https"]) {
      for (const host of ["127.0.0.1:3000", "[::1]:3000", "localhost:3000", "rp.localhost"]) {
        assert.equal(open.faultOf(`${scheme}://${host}/`), undefined)
      }
    }
    for (const host of ["10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "0.0.0.0", "[fd00::1]"]) {
      assert.ok(open.faultOf(`https://${host}/`), host)
    }
  })

  it("needs an absolute URL without a password or a fragment", () => {
    for (const target of [
      "",
      "/logout",
      "rp.example",
      "https://",
      "https://u@rp.example/",
      "https://:p@rp.example",
    ])
      assert.ok(closed.faultOf(target), target)
    for (const target of ["https://rp.example/#x", "javascript:alert(1)", "file:///etc/passwd", "data:,x"])
      assert.ok(open.faultOf(target), target)
  })

  describe("by a name", () => {
    let dns: DnsServer
    let target: Server
    let port: number
    let connections = 0
    let addresses: Record<string, string[][]>

    before(async () => {
      dns = await startDnsServer((name, type) => {
        if (name === "silent.example") return undefined
        const found = addresses[name] ?? []
        const now = (type === "A" && found.length > 1 ? found.shift() : found[0]) ?? []
        return now.filter((address) => address.includes(":") === (type === "AAAA"))
      })
      target = createServer((socket) => {
        connections += 1
        socket.destroy()
      })
      port = await listening(target)
    })
    beforeEach(() => {
      connections = 0
      dns.questions.length = 0
    })
    after(async () => {
      dns.stop()
      await close(target)
    })

    const call = (name: string, allowLoopback = false) =>
      createEgress({ allowLoopback, resolver: dns.resolver }).postForm(`https://${name}:${port}/`, {})

    it("is refused where the name has a private address, one among others too", async () => {
      for (const found of [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:7f00:1"],
        ["93.184.216.34", "127.0.0.1"],
        ["93.184.216.34", "fe80::1"],
      ]) {
        addresses = { "rp.example": [found] }
        await assert.rejects(call("rp.example"), (cause: Error) => {
          assert.ok(cause instanceof EgressRefused, String(cause))
          assert.match(cause.message, /rp\.example is at .*, which is no public address/)
          return true
        })
      }
      assert.equal(connections, 0)
    })

    it("goes to the address that was checked, and asks for it once (DNS rebinding)", async () => {
      addresses = { "rebind.example": [["127.0.0.1"], ["10.0.0.1"]] }
      // The handshake fails, but it was there that the connection came.
      await assert.rejects(call("rebind.example", true), { code: "ECONNRESET" })
      assert.equal(connections, 1)
      assert.deepEqual(dns.questions.sort(), ["A rebind.example", "AAAA rebind.example"])
      await assert.rejects(call("rebind.example", true), EgressRefused)
      assert.equal(connections, 1)
    })

    it("fails where there is no such name, or nobody who knows it", async () => {
      addresses = {}
      for (const name of ["nowhere.example", "silent.example"]) {
        await assert.rejects(call(name), (cause: Error) => !(cause instanceof EgressRefused))
      }
    })

    it("asks no name server for this machine", async () => {
      await assert.rejects(call("rp.localhost", true), { code: "ECONNRESET" })
      assert.equal(connections, 1)
      assert.deepEqual(dns.questions, [])
    })
  })

  describe("by http to this machine", () => {
    let server: Server

    afterEach(() => close(server))

    async function answered(listener: RequestListener): Promise<number> {
      server = createHttpServer(listener)
      const port = await listening(server)
      return open.postForm(`http://localhost:${port}/a?b=c`, { logout_token: "a b&c" })
    }

    it("sends a form, and gives the answer's status", async () => {
      let request = ""
      const status = await answered((req, res) => {
        req.on("data", (chunk) => {
          request += `${req.method} ${req.url} ${req.headers["content-type"]} ${chunk}`
        })
        req.on("end", () => res.writeHead(418).end("x"))
      })
      assert.equal(status, 418)
      assert.equal(request, "POST /a?b=c application/x-www-form-urlencoded logout_token=a+b%26c")
    })

    it("follows no redirect", async () => {
      let requests = 0
      const status = await answered((_req, res) => {
        requests += 1
        res.writeHead(302, { Location: "/elsewhere" }).end()
      })
      assert.deepEqual([status, requests], [302, 1])
    })

    it("reads no more than a little of a body without an end", async () => {
      let written = 0
      const status = await answered((_req, res) => {
        const pour = () => {
          written += 65_536
          if (!res.destroyed) res.write(Buffer.alloc(65_536), () => setImmediate(pour))
        }
        pour()
      })
      assert.equal(status, 200)
      assert.ok(written < 50_000_000, `${written} bytes`)
    })

    it("waits for no answer longer than five seconds", async () => {
      await assert.rejects(
        answered(() => {}),
        { code: "ETIMEDOUT" },
      )
    })

    it("fails where the other side changes the protocol, or hangs up", async () => {
      await assert.rejects(
        answered((_req, res) => res.writeHead(101, { Upgrade: "x", Connection: "upgrade" }).end()),
      )
      await close(server)
      await assert.rejects(
        answered((req) => req.socket.destroy()),
        { code: "ECONNRESET" },
      )
    })
  })
})
