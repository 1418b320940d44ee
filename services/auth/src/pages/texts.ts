/** What the pages say. Every language has every text: the compiler sees to it. */
const en = {
  signIn: "Sign in",
  signInTo: (app: string) => `Sign in to ${app}`,
  register: "Create an account",
  email: "Email",
  password: "Password",
  newPassword: "New password",
  name: "Name (optional)",
  wrongCredentials: "Invalid email or password.",
  emailTaken: "An account with this email exists already.",
  invalidEmail: "This is not an email address.",
  invalidPassword: (min: number) => `The password needs at least ${min} characters, and at most 256.`,
  busy: "Too much is going on right now. Please try again in a moment.",
  forgot: "Forgot your password?",
  forgotTitle: "Reset your password",
  forgotLead: "We send you a link to choose a new one.",
  sendLink: "Send the link",
  linkSent: "If the email exists, a reset link has been sent.",
  noAccount: "No account yet?",
  haveAccount: "Already have an account?",
  back: "Back to sign in",
  consentTitle: (app: string) => `Continue to ${app}?`,
  consentLead: (app: string, email: string) => `You are signed in as ${email}. ${app} asks to:`,
  consentNothing: "know who you are",
  allow: "Continue",
  deny: "Cancel",
  scopes: {
    email: "see your email address",
    profile: "see your name",
    offline_access: "stay signed in when you are away",
    account: "read and change your account",
    "notifications:read": "read your notifications and mark them as read",
  } as Record<string, string>,
  logoutTitle: "Sign out?",
  logoutLead: "You will be signed out of this browser.",
  logout: "Sign out",
  stay: "Stay signed in",
  signedOut: "You are signed out",
  closePage: "You can close this page.",
  deviceTitle: "Connect a device",
  deviceLead: "Enter the code that the device shows.",
  deviceCode: "Code",
  deviceWrong: "This code is not valid. Look again at the device.",
  deviceConfirmTitle: (app: string) => `Sign ${app} in on the device?`,
  deviceConfirmLead: (code: string) => `Go on only if the device shows ${code}.`,
  deviceDone: "The device is signed in",
  next: "Next",
  errorTitle: "This did not work",
  errorExpired:
    "The page was open too long, or was opened in another browser. Go back to the app and start again.",
  errorLead: "Go back to the app and start again. If it happens again, tell its makers:",
}

export type Texts = typeof en

const de: Texts = {
  signIn: "Anmelden",
  signInTo: (app) => `Bei ${app} anmelden`,
  register: "Konto anlegen",
  email: "E-Mail",
  password: "Passwort",
  newPassword: "Neues Passwort",
  name: "Name (freiwillig)",
  wrongCredentials: "E-Mail oder Passwort stimmt nicht.",
  emailTaken: "Zu dieser E-Mail gibt es schon ein Konto.",
  invalidEmail: "Das ist keine E-Mail-Adresse.",
  invalidPassword: (min) => `Das Passwort braucht mindestens ${min} und höchstens 256 Zeichen.`,
  busy: "Gerade ist zu viel los. Bitte gleich noch einmal versuchen.",
  forgot: "Passwort vergessen?",
  forgotTitle: "Passwort zurücksetzen",
  forgotLead: "Wir schicken einen Link, mit dem sich ein neues wählen lässt.",
  sendLink: "Link schicken",
  linkSent: "Falls es die E-Mail gibt, ist ein Link unterwegs.",
  noAccount: "Noch kein Konto?",
  haveAccount: "Schon ein Konto?",
  back: "Zurück zur Anmeldung",
  consentTitle: (app) => `Weiter zu ${app}?`,
  consentLead: (app, email) => `Angemeldet als ${email}. ${app} möchte:`,
  consentNothing: "wissen, wer Sie sind",
  allow: "Weiter",
  deny: "Abbrechen",
  scopes: {
    email: "Ihre E-Mail-Adresse sehen",
    profile: "Ihren Namen sehen",
    offline_access: "angemeldet bleiben, wenn Sie weg sind",
    account: "Ihr Konto lesen und ändern",
    "notifications:read": "Ihre Mitteilungen lesen und als gelesen markieren",
  },
  logoutTitle: "Abmelden?",
  logoutLead: "Sie werden in diesem Browser abgemeldet.",
  logout: "Abmelden",
  stay: "Angemeldet bleiben",
  signedOut: "Sie sind abgemeldet",
  closePage: "Diese Seite kann geschlossen werden.",
  deviceTitle: "Gerät verbinden",
  deviceLead: "Geben Sie den Code ein, den das Gerät zeigt.",
  deviceCode: "Code",
  deviceWrong: "Dieser Code gilt nicht. Sehen Sie noch einmal auf dem Gerät nach.",
  deviceConfirmTitle: (app) => `${app} auf dem Gerät anmelden?`,
  deviceConfirmLead: (code) => `Nur weiter, wenn das Gerät ${code} zeigt.`,
  deviceDone: "Das Gerät ist angemeldet",
  next: "Weiter",
  errorTitle: "Das hat nicht geklappt",
  errorExpired:
    "Die Seite war zu lange offen oder in einem anderen Browser. Bitte in der App von vorn beginnen.",
  errorLead: "Bitte in der App von vorn beginnen. Passiert es wieder, sagen Sie es ihren Machern:",
}

const languages = { en, de }

export type Language = keyof typeof languages

export const textsOf = (language: Language): Texts => languages[language]

/** The first language of a list such as `de-AT de en` or an Accept-Language header that the pages speak. */
export function pickLanguage(...wishes: (string | undefined)[]): Language {
  const tags = wishes.flatMap((wish) => wish?.toLowerCase().split(/[\s,;]+/) ?? [])
  const known = tags.map((tag) => tag.split("-")[0]).find((tag) => tag !== undefined && tag in languages)
  return (known as Language | undefined) ?? "en"
}
