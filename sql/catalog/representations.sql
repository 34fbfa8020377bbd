-- Implicit casts by function between a domain and json or text.
--
-- Columns: source type, target type, function (quoted as needed)
-- Run by:  the connection role; lists the functions that it may execute.
SELECT
  format_type(c.castsource, NULL),
  format_type(c.casttarget, NULL),
  c.castfunc::regproc::text
FROM pg_cast c
JOIN pg_type s ON s.oid = c.castsource
JOIN pg_type t ON t.oid = c.casttarget
WHERE c.castcontext = 'i'
  AND c.castmethod = 'f'
  AND has_function_privilege(c.castfunc, 'execute')
  AND (
    s.typtype = 'd' AND c.casttarget IN ('json'::regtype, 'text'::regtype)
    OR t.typtype = 'd' AND c.castsource IN ('json'::regtype, 'text'::regtype)
  )
