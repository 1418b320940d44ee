import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { backends, type PostOffice, setup, until } from "./support/setup.js"

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))

for (const backend of backends) {
  describe(`a worker process, with BullMQ on ${backend}`, () => {
    let office: PostOffice
    let children: ChildProcess[]

    beforeEach(async function () {
      children = []
      office = await setup(this, backend)
    })
    afterEach(async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const exit = once(child, "exit")
        child.kill("SIGKILL")
        await exit
      }
      await office?.close()
    })

    const spawnWorker = async (more: Record<string, string> = {}): Promise<ChildProcess> => {
      const env = { PATH: process.env.PATH, ...office.env, ...more }
      const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit", "ipc"] })
      children.push(child)
      await once(child, "message")
      return child
    }

    it("that is killed while it sends is relieved by another, and the mail arrives once", async () => {
      office.sink.hold("rcpt")
      const victim = await spawnWorker()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the victim is sending")

      victim.kill("SIGKILL")
      await once(victim, "exit")
      office.sink.accept()
      assert.equal((await office.row(id)).state, "claimed")
      await spawnWorker()

      const row = await office.settled(id, "sent")
      assert.equal(row.attempts, 2)
      assert.equal(office.sink.mails().length, 1)
    })

    it("that sleeps through its lock and wakes finds its mail taken, and does not send it again", async () => {
      office.sink.hold("rcpt")
      const zombie = await spawnWorker()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the zombie is sending")

      zombie.kill("SIGSTOP")
      await spawnWorker()
      await until(() => office.sink.held() === 2, "another has taken over")
      zombie.kill("SIGCONT")
      office.sink.accept()

      await office.settled(id, "sent")
      zombie.kill("SIGTERM")
      await once(zombie, "exit")
      assert.equal(office.sink.mails().length, 1)
    })

    const copies = (messageId: string) => office.sink.mails().filter((got) => got.messageId === messageId)
    const kill = async (child: ChildProcess) => {
      child.kill("SIGKILL")
      await once(child, "exit")
    }

    it("that is killed after the hand-over leaves a code that is sent again, the same in each letter", async () => {
      office.sink.hold("data")
      const victim = await spawnWorker()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the server has the mail")
      await kill(victim)
      office.sink.accept()
      await spawnWorker()

      const { message_id } = await office.settled(id, "sent")
      const [first, second, ...more] = copies(message_id)
      assert.equal(more.length, 0)
      assert.equal(withoutReceived(second?.raw), withoutReceived(first?.raw))
    })

    it("that is killed after the hand-over leaves news uncertain, which are not sent again", async () => {
      office.sink.hold("data")
      const victim = await spawnWorker()
      const id = await office.enqueueOnce()
      await until(() => office.sink.held() === 1, "the server has the mail")
      await kill(victim)
      office.sink.accept()
      await spawnWorker()

      const { message_id, attempts } = await office.settled(id, "uncertain")
      // Whatever still happens to it happens before what comes after.
      await office.settled(await office.enqueue({ recipient: "next@example.com" }), "sent")
      assert.equal(attempts, 1)
      assert.equal(copies(message_id).length, 1)
    })

    it("that is killed between the server’s 250 and its row has sent a code twice at most", async () => {
      office.sink.hold("data")
      const victim = await spawnWorker()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the server has the mail")
      await office.database.transaction(async (trx) => {
        await trx.raw("select id from mail.messages where id = ? for update", [id])
        office.sink.accept()
        await until(() => office.sink.mails().length === 1, "the server has accepted it")
        await kill(victim)
        // Its statement would still be carried out once the row is free.
        await trx.raw(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        )
      })
      await spawnWorker()
      const { message_id } = await office.settled(id, "sent")
      assert.equal(copies(message_id).length, 2)
    })

    it("that sleeps through its lock after the hand-over says what the server said when it wakes", async () => {
      office.sink.hold("data")
      const zombie = await spawnWorker()
      const id = await office.enqueueOnce()
      await until(() => office.sink.held() === 1, "the zombie has handed it over")
      zombie.kill("SIGSTOP")
      await spawnWorker()
      await office.settled(id, "uncertain")

      office.sink.accept()
      zombie.kill("SIGCONT")
      const { message_id } = await office.settled(id, "sent")
      assert.equal(copies(message_id).length, 1)
    })

    it("that gets the job of a mail once more which was sent already does nothing", async () => {
      await spawnWorker()
      const id = await office.enqueue()
      const { message_id } = await office.settled(id, "sent")
      await office.addJob(id)
      await office.settled(await office.enqueue({ recipient: "next@example.com" }), "sent")
      assert.equal(copies(message_id).length, 1)
    })

    it("that is told to stop finishes the mail it is sending, and leaves no connection", async () => {
      office.sink.hold("data")
      const child = await spawnWorker()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "it is sending")

      child.kill("SIGTERM")
      setTimeout(office.sink.accept, 500)
      const [code] = await once(child, "exit")
      assert.equal(code, 0)
      assert.equal((await office.row(id)).state, "sent")
    })

    it("says nothing secret, and what became of each mail", async () => {
      office.sink.reject("data", 554, "5.7.1 spam: a-token-nobody-but-the-recipient-may-see")
      const child = await spawnWorker({ LOG_LEVEL: "trace" })
      let output = ""
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk
      })
      const id = await office.enqueue()
      await office.settled(id, "failed_permanent")
      await until(() => output.includes(id), "it is logged")

      child.kill("SIGTERM")
      await once(child, "close")
      assert.match(output, /"reason":"SMTP EMESSAGE DATA 554 5\.7\.1"/)
      for (const secret of ["a-token-nobody", office.env.MAIL_ENCRYPTION_SECRET, "jane@example.com"]) {
        assert.ok(!output.includes(secret), secret)
      }
    })
  })
}

const withoutReceived = (raw = "") => raw.replace(/^Received:.*\r\n(\s.*\r\n)*/m, "")
