-- Purpose: keeps a remedy's statements, with the check's findings before and
-- after, and marks the newest result of the check as remedied if it passes now.
-- Parameters: $1 check, $2 text[] statements, $3 text[] undo, $4 json before, $5
-- json after, $6 boolean passed, $7 boolean automatic. Returns id.
INSERT INTO romashka.remediations (check_name, statements, undo, before, after, passed, automatic)
VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $7)
RETURNING id::text
