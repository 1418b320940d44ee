drop trigger messages_forgotten on mail.messages;
drop function mail.forget_recipient();
drop function mail.forget(text);
