-- Purpose: facts that people have declared because no database can show them, as far as
-- they still hold.
-- Parameters: none. Read only. Columns: kind, declarations.
-- Needs: romashka.evidence
SELECT kind, count(*) AS declarations FROM romashka.evidence WHERE valid_until IS NULL OR valid_until >= current_date GROUP BY kind
