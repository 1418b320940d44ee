export { settings } from "./config.js"
export { renderMail } from "./mails/index.js"
