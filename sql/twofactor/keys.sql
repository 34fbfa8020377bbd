-- Purpose: the keys that secrets are under, and how many are in the clear, for doctor and serve.
-- Columns: key_id ('' = in the clear), count. Run by: the owner. Read only.
SELECT key_id, count(*)::int FROM romashka.factors WHERE secret IS NOT NULL GROUP BY 1
UNION ALL
SELECT '', count(*)::int FROM romashka.two_factor_secrets WHERE secret IS NOT NULL HAVING count(*) > 0
