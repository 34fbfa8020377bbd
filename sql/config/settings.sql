-- Purpose:    settings that the database holds for the login role, or that the
--             pre-config function sets. A role's setting in this database beats
--             its setting everywhere, and both beat the function.
-- Parameters: $1 text[], names of settings as "pgrst.db_schemas"
-- Columns:    name without the prefix, value
-- Run by:     the login role, read-only, when settings are loaded
-- The line with PRE_CONFIG is completed by internal/config.
WITH stored AS (
    SELECT s.setdatabase <> 0 AS here, line
    FROM pg_catalog.pg_db_role_setting s
    JOIN pg_catalog.pg_roles me ON me.oid = s.setrole
    CROSS JOIN LATERAL unnest(s.setconfig) AS line
    WHERE me.rolname = current_user
      AND (s.setdatabase = 0 OR s.setdatabase = (
          SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_catalog))
), candidate AS (
    SELECT CASE WHEN here THEN 1 ELSE 2 END AS rank,
           substr(line, 1, strpos(line, '=') - 1) AS name,
           substr(line, strpos(line, '=') + 1) AS value
    FROM stored
    -- PRE_CONFIG
)
SELECT DISTINCT ON (name) substr(name, length('pgrst.') + 1), value
FROM candidate
WHERE name = ANY ($1) AND value IS NOT NULL
ORDER BY name, rank
