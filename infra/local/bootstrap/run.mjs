import { spawn } from "node:child_process"

/** A command that failed, with all it had to say. */
export class CommandFailed extends Error {}

/**
 * Runs a command silently behind one line of progress on standard error (standard output belongs to the
 * program that follows); its output is shown only when it fails.
 */
export async function runWithProgress(title, [command, ...args], { env, lock }) {
  const line = startLine(title)
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true })
  // Should this process be killed, the next one waits for what it left running.
  if (child.pid) lock.include(child.pid)
  const forward = (signal) => child.kill(signal)
  process.on("SIGTERM", forward)

  const output = []
  child.stdout.on("data", (chunk) => output.push(chunk))
  child.stderr.on("data", (chunk) => output.push(chunk))
  const [code, reason] = await new Promise((resolve) => {
    child.once("error", (cause) => resolve([1, cause.message]))
    child.once("close", (exitCode, signal) => resolve([exitCode ?? 1, signal ? `ended by ${signal}` : ""]))
  })
  process.off("SIGTERM", forward)

  line.end(code === 0)
  if (code !== 0)
    throw new CommandFailed(
      `${Buffer.concat(output)}\n${[command, ...args].join(" ")} failed. ${reason}`.trim(),
    )
}

function startLine(title) {
  const started = Date.now()
  const live = process.stderr.isTTY === true
  const elapsed = () => {
    const seconds = (Date.now() - started) / 1000
    return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`
  }
  process.stderr.write(title)
  const timer = live ? setInterval(() => process.stderr.write(`\r${title} ${elapsed()} `), 500) : undefined

  return {
    end(ok) {
      clearInterval(timer)
      process.stderr.write(`${live ? `\r${title}` : ""} ${ok ? elapsed() : "failed"}   \n`)
    },
  }
}
