import { z } from "zod"
import { DisplayName, Email, toUserView } from "../accounts/index.js"
import type { PersonalProfile } from "./profiles.repository.js"

/** What an app may keep of a person besides the name. */
export const ProfileValue = z.union([
  z.string().max(2_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(200)).max(50),
])

/** The name, and the members that the app has in its `profile_members`; others are left out. */
export const ProfileBody = z.looseObject({ name: DisplayName.optional() }).meta({ id: "ProfileChange" })

export const Profile = z
  .looseObject({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    is_active: z.boolean(),
    email_verified: z.boolean(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "Profile", description: "And the members that the app keeps" })

export const LookupQuery = z.object({ email: Email })

export const FoundUser = z
  .object({ id: z.uuid(), email: z.string(), name: z.string().nullable() })
  .meta({ id: "FoundUser" })

/** What the app keeps never stands for what is ours. */
export const toProfileView = ({ account, members }: PersonalProfile): z.input<typeof Profile> => ({
  ...members,
  ...toUserView(account),
  name: account.name ?? null,
})
