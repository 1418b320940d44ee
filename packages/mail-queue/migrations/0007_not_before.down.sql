revoke insert (not_before) on mail.messages from gatepost_auth, gatepost_notifications;
