// Loaded into a service by `node --import`: on SIGUSR2 it throws where nobody catches.
process.on("SIGUSR2", () => {
  setImmediate(() => {
    throw new Error("thrown by the fault harness")
  })
})
