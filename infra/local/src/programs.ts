import path from "node:path"
import { fileURLToPath } from "node:url"
import { CLONE } from "./clone.js"
import type { ExampleName, SecretName } from "./settings.js"

/** One of the programs that `npm start` runs. */
export interface Program {
  name: string
  /** The file that node runs. */
  script: string
  /** The first segments of the paths the gateway sends it; empty: all that nobody else serves. None: no API. */
  paths?: string[]
  /** The database role it runs as. */
  role: string
  /** It gets these secrets and no others. */
  secrets: SecretName[]
  /** Settings it starts with where our own environment has none. */
  defaults?: Record<string, string>
}

/** What is run, and what is done to the database before. */
export interface Household {
  programs: Program[]
  migrations: Migrations
  examples: Record<ExampleName, Example>
  /** A file that node runs as the program `auth`: it prints the link of the first admin, where there is none. */
  invite?: string
}

/** A program that runs only where it is named, and what it adds to the migrations. */
export interface Example {
  program: Program
  directory: string
  schema: string
}

export interface Migrations {
  /** A file that node runs: it gets a MigrationOrder over IPC, and ends with 0 when all is done. */
  script: string
  /** Hold the SQL files. */
  directories: string[]
  /** The lock file, which names the versions of libraries with migrations of their own. */
  lockFile: string
  /** What must be there when all is done. */
  schemas: string[]
}

export interface MigrationOrder {
  /** The database, as the owner of its schemas. */
  url: string
  redisUrl?: string | undefined
  examples: readonly string[]
}

/** The same household with these examples in it. */
export function withExamples(household: Household, names: readonly ExampleName[]): Household {
  const { programs, migrations, examples } = household
  const chosen = names.map((name) => examples[name])
  return {
    ...household,
    programs: [...programs, ...chosen.map(({ program }) => program)],
    migrations: {
      ...migrations,
      directories: [...migrations.directories, ...chosen.map(({ directory }) => directory)],
      schemas: [...migrations.schemas, ...chosen.map(({ schema }) => schema)],
    },
  }
}

// Those of the example apps, which the auth service reads from its APPS_FILE.
const CORS_ORIGINS = "http://localhost:3000,http://localhost:5173,http://localhost:8000"

export const gatepost: Household = {
  invite: path.join(CLONE, "services/auth/dist/admin.js"),
  programs: [
    {
      name: "auth",
      script: mainOf("auth"),
      paths: [],
      role: "gatepost_auth",
      secrets: [
        "KEY_ENCRYPTION_SECRET",
        "REFRESH_TOKEN_SECRET",
        "MAIL_ENCRYPTION_SECRET",
        "COOKIE_SECRET",
        "IDEMPOTENCY_SECRET",
        "SERVICE_CLIENT_SECRET",
      ],
    },
    {
      name: "notifications",
      script: mainOf("notifications"),
      paths: ["/v1/notifications", "/api/v1/notifications", "/notifications", "/demo"],
      role: "gatepost_notifications",
      secrets: ["IDEMPOTENCY_SECRET", "MAIL_ENCRYPTION_SECRET", "SERVICE_CLIENT_SECRET", "VAPID_PRIVATE_KEY"],
      defaults: { CORS_ORIGINS, DEMO: "on" },
    },
    {
      name: "mail-worker",
      script: mainOf("mail-worker"),
      role: "gatepost_mail",
      secrets: ["MAIL_ENCRYPTION_SECRET", "SERVICE_CLIENT_SECRET"],
    },
  ],
  migrations: {
    script: fileURLToPath(new URL("./migrator.js", import.meta.url)),
    directories: [
      path.join(CLONE, "services/auth/migrations"),
      path.join(CLONE, "services/notifications/migrations"),
      path.join(CLONE, "packages/mail-queue/migrations"),
    ],
    lockFile: path.join(CLONE, "package-lock.json"),
    schemas: ["auth", "notifications", "mail"],
  },
  examples: {
    "social-battery": {
      program: {
        name: "social-battery",
        script: mainOf("social-battery"),
        paths: ["/social-battery"],
        role: "gatepost_social_battery",
        secrets: ["SERVICE_CLIENT_SECRET"],
        defaults: { CORS_ORIGINS },
      },
      directory: path.join(CLONE, "services/social-battery/migrations"),
      schema: "social_battery",
    },
  },
}

function mainOf(service: string): string {
  return path.join(CLONE, "services", service, "dist/main.js")
}
