-- Functions that clients may call: those of the exposed schemas, save triggers
-- and those with an unnamed parameter that no request body can fill.
--
-- Parameters: $1 text[]  exposed schemas
--             $2 text[]  names of settings to report (db-hoisted-tx-settings)
-- Columns:    schema, name, description, names of input parameters ('' = unnamed),
--             their types, how many of them are required, variadic,
--             schema and name of the returned type (domains resolved), setof,
--             composite, composite by a domain, volatility (i, s, v),
--             isolation level ('' = unset), settings as name=value, oid
-- Run by:     the connection role; needs no privilege.
WITH RECURSIVE
domains AS (
  SELECT oid, typbasetype AS base FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT d.oid, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.base WHERE t.typtype = 'd'
),
inputs AS (
  SELECT
    p.oid,
    array_agg(coalesce(u.name, '') ORDER BY u.ord) AS names,
    array_agg(format_type(u.type, NULL) ORDER BY u.ord) AS types,
    CASE count(*) - count(u.name)
      WHEN 0 THEN true
      WHEN 1 THEN min(u.type::oid) IN (
        'bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype)
      ELSE false
    END AS callable
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace,
  unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes::text[])
    WITH ORDINALITY AS u (type, name, mode, ord)
  WHERE n.nspname = ANY ($1) AND coalesce(u.mode, 'i') IN ('i', 'b', 'v')
  GROUP BY p.oid
)
SELECT
  n.nspname::text,
  p.proname::text,
  coalesce(d.description, ''),
  coalesce(i.names, '{}'),
  coalesce(i.types, '{}'),
  (p.pronargs - p.pronargdefaults)::int4,
  p.provariadic > 0,
  tn.nspname::text,
  coalesce(comp.relname, t.typname)::text,
  p.proretset,
  t.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false),
  dom.base IS NOT NULL,
  p.provolatile::text,
  coalesce((
    SELECT split_part(split_part(s, '=', 2), ',', 1)
    FROM unnest(p.proconfig) s
    WHERE split_part(s, '=', 1) = 'default_transaction_isolation'
  ), ''),
  ARRAY(SELECT s FROM unnest(p.proconfig) s WHERE split_part(s, '=', 1) = ANY ($2)),
  p.oid
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN inputs i ON i.oid = p.oid
LEFT JOIN (domains dom JOIN pg_type base ON base.oid = dom.base AND base.typtype <> 'd') ON dom.oid = p.prorettype
JOIN pg_type t ON t.oid = coalesce(dom.base, p.prorettype)
JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_class comp ON comp.oid = t.typrelid
LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0
WHERE n.nspname = ANY ($1)
  AND p.prokind = 'f'
  AND t.oid <> 'trigger'::regtype
  AND coalesce(i.callable, true)
