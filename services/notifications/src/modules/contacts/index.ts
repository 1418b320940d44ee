export { contactsRepository } from "./contacts.repository.js"
export type { Contact, MailSender } from "./contacts.types.js"
