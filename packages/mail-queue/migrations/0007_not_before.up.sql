-- Services may say that a mail is not for now.
grant insert (not_before) on mail.messages to gatepost_auth, gatepost_notifications;
