-- The ledger, version 5: what partners tell of an order beside their id of it.

ALTER TABLE delivery ADD COLUMN facts TEXT;   -- a JSON object of texts; NULL where nothing was told
