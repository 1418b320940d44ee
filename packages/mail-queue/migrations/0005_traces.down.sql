alter table mail.messages drop column traceparent;
