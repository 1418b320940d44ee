export { mailsRoutes } from "./mails.routes.js"
export {
  address,
  MailDetailsView,
  MailList,
  pageSize,
  toMailDetailsView,
  toMailList,
} from "./mails.schemas.js"
export { describeRefusal, describeRetry } from "./retry-words.js"
