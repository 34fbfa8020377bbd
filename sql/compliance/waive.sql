-- Purpose: accepts a finding until a day.
-- Parameters: $1 check, $2 object, $3 reason, $4 owner, $5 last day. Returns id.
INSERT INTO romashka.waivers (check_name, object, reason, owner, valid_until) VALUES ($1, $2, $3, $4, $5::date) RETURNING id::text
