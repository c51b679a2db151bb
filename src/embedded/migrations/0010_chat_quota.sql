-- Replies that are due are counted for each conversation, and for each user.
CREATE INDEX chat_replies_due_in ON chat_replies (tenant, usr, session) WHERE state = 'due';
