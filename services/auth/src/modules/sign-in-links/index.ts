export { signInLinksRoutes } from "./sign-in-links.routes.js"
export { createSignInLinksService, type SignInLinksService } from "./sign-in-links.service.js"
