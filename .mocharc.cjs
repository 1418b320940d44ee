module.exports = {
  "node-option": ["enable-source-maps"],
  require: ["packages/testkit/dist/mocha-hooks.js"],
  "forbid-only": true,
  parallel: true,
  jobs: 4,
  timeout: 20_000,
  slow: 1500,
  // Where a busy machine must not hold up everybody: .ci/run. What is tried again is told.
  retries: Number(process.env.TEST_RETRIES ?? 0),
}
