import type { Language } from "@gatepost/contracts"

const en = {
  title: "How you sign in",
  signIn: "Sign in to manage your account",
  again: "Please prove once more who you are.",
  signOut: "Done, sign out",
  totp: {
    title: "Codes from an app",
    on: "On. Signing in asks for a code.",
    paused: "Paused after too many wrong codes, until you sign in with a recovery code or a passkey.",
    off: "Off. An authenticator app makes a code every 30 seconds, which nobody can steal with your password.",
    setUp: "Set up",
    turnOff: "Turn off",
    scan: "Scan this with your authenticator app, then enter the code that it shows.",
    image: "QR code",
    secret: "Or type this key into it:",
    code: "Code",
    confirm: "Turn on",
  },
  recovery: {
    title: "Recovery codes",
    left: (count: number) => `${count} left.`,
    make: "Make new ones",
    lead: "Each is good once, in place of a code from the app. Keep them where you find them without your phone; they are not shown again.",
  },
  passkeys: {
    title: "Passkeys",
    none: "None yet. A passkey signs you in with your fingerprint, face or PIN.",
    add: "Add a passkey",
    adding: "Your browser makes a passkey now.",
    name: "Name",
    rename: "Rename",
    remove: "Delete",
  },
  back: "Back",
  faults: {
    "account.email-unverified": "Please confirm your email first: there is a link in your mail.",
    "mfa.proof-invalid": "This code is wrong. Wait for the next one.",
    "mfa.totp-not-on": "That took too long. Please set it up once more.",
    "passkey.registration-invalid": "This passkey could not be added. Please try again.",
    "passkey.too-many": "There are 20 passkeys already. Delete one that you don't use.",
    "passkey.last": "This is your only way to sign in. Choose a password first, by “Forgot your password?”.",
    "request.invalid": "This name has characters that a name can't have.",
  } as Record<string, string>,
}

const de: typeof en = {
  title: "Ihre Anmeldung",
  signIn: "Anmelden, um das Konto zu verwalten",
  again: "Bitte weisen Sie sich noch einmal aus.",
  signOut: "Fertig, abmelden",
  totp: {
    title: "Codes aus einer App",
    on: "An. Die Anmeldung fragt nach einem Code.",
    paused:
      "Angehalten nach zu vielen falschen Codes, bis Sie sich mit einem Wiederherstellungscode oder Passkey anmelden.",
    off: "Aus. Eine Authenticator-App macht alle 30 Sekunden einen Code, den niemand mit dem Passwort stehlen kann.",
    setUp: "Einrichten",
    turnOff: "Ausschalten",
    scan: "Lesen Sie das mit Ihrer Authenticator-App ein, und geben Sie den Code ein, den sie zeigt.",
    image: "QR-Code",
    secret: "Oder tippen Sie diesen Schlüssel ein:",
    code: "Code",
    confirm: "Einschalten",
  },
  recovery: {
    title: "Wiederherstellungscodes",
    left: (count) => `Noch ${count}.`,
    make: "Neue machen",
    lead: "Jeder gilt einmal, anstelle eines Codes aus der App. Heben Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden; sie werden nicht noch einmal gezeigt.",
  },
  passkeys: {
    title: "Passkeys",
    none: "Noch keine. Ein Passkey meldet Sie mit Fingerabdruck, Gesicht oder PIN an.",
    add: "Passkey hinzufügen",
    adding: "Ihr Browser macht jetzt einen Passkey.",
    name: "Name",
    rename: "Umbenennen",
    remove: "Löschen",
  },
  back: "Zurück",
  faults: {
    "account.email-unverified": "Bitte erst die E-Mail bestätigen: Der Link dazu ist in Ihren Mails.",
    "mfa.proof-invalid": "Dieser Code ist falsch. Warten Sie auf den nächsten.",
    "mfa.totp-not-on": "Das hat zu lange gedauert. Bitte noch einmal einrichten.",
    "passkey.registration-invalid": "Dieser Passkey ließ sich nicht hinzufügen. Bitte noch einmal versuchen.",
    "passkey.too-many": "Es gibt schon 20 Passkeys. Löschen Sie einen, den Sie nicht benutzen.",
    "passkey.last":
      "Das ist Ihr einziger Weg, sich anzumelden. Wählen Sie erst ein Passwort, über „Passwort vergessen?“.",
    "request.invalid": "Dieser Name enthält Zeichen, die kein Name haben kann.",
  },
}

export type AccountTexts = typeof en

export const accountTextsOf = (language: Language): AccountTexts => ({ en, de })[language]
