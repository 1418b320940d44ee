import assert from "node:assert/strict"
import { readRedisUrl } from "@gatepost/runtime"

describe("the URL of Redis", () => {
  it("names one server", () => {
    const nodes = [{ host: "redis.example.com", port: 6380 }]
    assert.deepEqual(readRedisUrl("redis://redis.example.com:6380/3"), { kind: "server", tls: false, nodes })
    assert.deepEqual(readRedisUrl("rediss://app:p%40ss@[::1]"), {
      kind: "server",
      tls: true,
      nodes: [{ host: "::1", port: 6379 }],
      username: "app",
      password: "p@ss",
    })
  })

  it("names Sentinels and what they watch", () => {
    const url = "rediss+sentinel://:pass@one:26379,two/main/2?sentinel_username=s&sentinel_password=a%26b"
    assert.deepEqual(readRedisUrl(url), {
      kind: "sentinel",
      tls: true,
      nodes: [
        { host: "one", port: 26_379 },
        { host: "two", port: 26_379 },
      ],
      password: "pass",
      name: "main",
      db: 2,
      sentinelUsername: "s",
      sentinelPassword: "a&b",
    })
  })

  it("names some nodes of a cluster", () => {
    const nodes = [7_000, 7_001].map((port) => ({ host: "127.0.0.1", port }))
    assert.deepEqual(readRedisUrl("redis+cluster://127.0.0.1:7000,127.0.0.1:7001"), {
      kind: "cluster",
      tls: false,
      nodes,
    })
  })

  it("says what is wrong, and never the password", () => {
    for (const [url, fault] of [
      ["http://:s3cret@host", /must be a URL that starts with redis:\/\//],
      ["redis+sharded://:s3cret@host", /must be a URL that starts with redis:\/\//],
      ["redis://:s3cret@one,two", /must name one host, or start with redis\+sentinel/],
      ["redis://:s3cret@", /must name its hosts as host:port/],
      ["redis+cluster://:s3cret@one,,two", /must name its hosts as host:port/],
      ["redis+cluster://:s3cret@one:70000", /must name its hosts as host:port/],
      ["redis+cluster://:s3cret@one/3", /must name hosts alone/],
      ["redis+sentinel://:s3cret@one:26379", /must end with the name that the Sentinels know/],
      ["redis+sentinel://:s3cret@one:26379/main/first", /must end with the name/],
      ["redis+sentinel://:s3cret@one/main?password=s3cret", /may have the parameters sentinel_username/],
      ["redis+sentinel://:s3cret%@one/main", /must have user and password percent-encoded/],
    ] as const) {
      assert.throws(
        () => readRedisUrl(url),
        ({ message }: Error) => fault.test(message) && !message.includes("s3cret"),
        url,
      )
    }
  })
})
