import type { Configuration, KoaContextWithOIDC } from "oidc-provider"

type DeviceFlow = NonNullable<NonNullable<Configuration["features"]>["deviceFlow"]>

/** What a page may know and set of its request. */
export type OidcPageContext = Pick<KoaContextWithOIDC, "get" | "set" | "body" | "oidc">

/** The pages that the provider shows by itself; each sets `ctx.body`. */
export interface OidcPages {
  error: NonNullable<Configuration["renderError"]>
  logout(ctx: KoaContextWithOIDC, form: string): Promise<void>
  signedOut(ctx: KoaContextWithOIDC): Promise<void>
  stillSignedIn(ctx: KoaContextWithOIDC): Promise<void>
  /** In place of the form, where this browser has no session for it. */
  deviceLost(ctx: KoaContextWithOIDC): Promise<void>
  deviceCode: NonNullable<DeviceFlow["userCodeInputSource"]>
  deviceConfirm: NonNullable<DeviceFlow["userCodeConfirmSource"]>
  deviceDone(ctx: KoaContextWithOIDC): Promise<void>
}
