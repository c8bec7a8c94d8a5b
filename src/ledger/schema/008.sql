-- The ledger, version 8: people who sign in at a provider.

-- The provider's mark for them; without one they have a password here.
ALTER TABLE person ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX person_subject ON person (subject) WHERE subject IS NOT NULL;
