drop table mail.suppression_events;
