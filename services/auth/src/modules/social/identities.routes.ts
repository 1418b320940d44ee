import { route, said } from "@gatepost/http"
import {
  BeginLinkBody,
  IdentityList,
  IdentityParams,
  IdentityView,
  LinkBegun,
  LinkBody,
  toIdentityView,
  toProof,
} from "./identities.schemas.js"
import type { IdentitiesService } from "./identities.service.js"
import { ProviderParams } from "./social.schemas.js"

const TTL_SECONDS = 600

export const identitiesRoutes = (identities: IdentitiesService) => [
  route({
    method: "get",
    path: "/users/me/identities",
    summary: "The providers you sign in with",
    tag: "Social sign-in",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: IdentityList },
    problems: [],
    handle: async ({ caller }) => ({
      items: (await identities.list(caller)).map((one) => toIdentityView(one, identities.nameOf)),
      next_cursor: null,
    }),
  }),
  route({
    method: "post",
    path: "/users/me/identities/{provider}/start",
    summary:
      "Begin to link a provider in a browser; what comes back to the app, the app links with this session",
    tag: "Social sign-in",
    access: { user: "account" },
    limit: "social",
    params: ProviderParams,
    body: BeginLinkBody,
    success: { status: 200, body: LinkBegun },
    problems: [
      "mfa.step-up-required",
      "identity.redirect-uri-unknown",
      "social.provider-unknown",
      "social.provider-unavailable",
    ],
    handle: async ({ params, body, caller }) => ({
      authorization_url: await identities.begin(caller, params.provider, body.redirect_uri),
      expires_in: TTL_SECONDS,
    }),
  }),
  route({
    method: "post",
    path: "/users/me/identities/{provider}/link",
    summary: "Link a provider, by an ID token or by what it sent back; with a fresh sign-in",
    tag: "Social sign-in",
    access: { user: "account" },
    limit: "social",
    params: ProviderParams,
    body: LinkBody,
    success: { status: 201, body: IdentityView },
    problems: [
      "mfa.step-up-required",
      "identity.email-unverified",
      "identity.taken",
      "identity.too-many",
      "social.email-unverified",
      "social.email-taken",
      "social.provider-unknown",
      "social.provider-unavailable",
      "social.sign-in-invalid",
    ],
    handle: async ({ params, body, caller, context }) =>
      toIdentityView(
        await identities.link(caller, params.provider, toProof(body), context),
        identities.nameOf,
      ),
  }),
  route({
    method: "delete",
    path: "/users/me/identities/{id}",
    summary: "Sign in with a provider no more, unless nothing else would be left; with a fresh sign-in",
    tag: "Social sign-in",
    access: { user: "account" },
    limit: "none",
    params: IdentityParams,
    success: { status: 200, body: said("The identity is no longer yours to sign in with") },
    problems: ["mfa.step-up-required", "identity.not-found", "identity.last-way-in"],
    handle: async ({ params, caller, context }) => {
      await identities.unlink(caller, params.id, context)
      return {}
    },
  }),
]
