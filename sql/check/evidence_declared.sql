-- Purpose: what people have declared because no database can show it, as far as
-- it still holds.
-- Parameters: none. Read only. Columns: kind, declarations.
-- Needs: romashka.evidence
SELECT kind, count(*) AS declarations FROM romashka.evidence WHERE valid_until IS NULL OR valid_until >= current_date GROUP BY kind
