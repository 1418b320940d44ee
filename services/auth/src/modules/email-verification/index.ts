export { emailVerificationRoutes } from "./email-verification.routes.js"
export {
  createEmailVerificationService,
  type EmailVerificationService,
} from "./email-verification.service.js"
