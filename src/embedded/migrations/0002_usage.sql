-- What a session used, as JSON, once it is over.
ALTER TABLE summaries ADD COLUMN usage TEXT;
