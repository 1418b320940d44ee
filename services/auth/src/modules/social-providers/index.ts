export {
  type AppleSettings,
  type GitHubSettings,
  idOf,
  type OidcSettings,
  type ProviderSettings,
  socialProviders,
} from "./social-providers.settings.js"
