-- Columns of the exposed relations. Types are described once per distinct
-- type and modifier, not per column: formatting them is the cost here.
--
-- Parameters: $1 text[]  exposed schemas
-- Columns:    relation oid, name, description, nullable, type (domains resolved,
--             built-in types without modifier), nominal type, max length (0 = none),
--             default expression ('' = none), enum type oid (0 = none)
-- Order:      by relation, then by position
-- Run by:     the connection role; needs no privilege.
WITH RECURSIVE
exposed AS MATERIALIZED (
  SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE n.nspname = ANY ($1)
    AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
    AND NOT c.relispartition
    AND a.attnum > 0
    AND NOT a.attisdropped
),
domains AS (
  SELECT oid, typbasetype AS base FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT d.oid, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.base WHERE t.typtype = 'd'
),
types AS MATERIALIZED (
  SELECT
    used.atttypid,
    used.atttypmod,
    CASE
      WHEN coalesce(base.typnamespace, t.typnamespace) <> 'pg_catalog'::regnamespace
        THEN format_type(t.oid, used.atttypmod)
      ELSE format_type(coalesce(base.oid, t.oid), NULL)
    END AS type,
    format_type(t.oid, used.atttypmod) AS nominal_type,
    coalesce(information_schema._pg_char_max_length(
      CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END,
      CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE used.atttypmod END
    ), 0)::int4 AS max_length,
    t.typtype = 'd' AND t.typnotnull AS not_null,
    t.typtype = 'd' AS is_domain,
    t.typdefaultbin,
    CASE WHEN coalesce(base.typtype, t.typtype) = 'e' THEN coalesce(base.oid, t.oid) ELSE 0 END AS enum
  FROM (SELECT DISTINCT atttypid, atttypmod FROM exposed) used
  JOIN pg_type t ON t.oid = used.atttypid
  LEFT JOIN (domains d JOIN pg_type base ON base.oid = d.base AND base.typtype <> 'd') ON d.oid = t.oid
)
SELECT
  e.attrelid,
  e.attname::text,
  coalesce(doc.description, ''),
  NOT (e.attnotnull OR t.not_null),
  t.type,
  t.nominal_type,
  t.max_length,
  coalesce(
    CASE
      WHEN t.is_domain AND ad.adbin IS NULL THEN pg_get_expr(t.typdefaultbin, 0)
      WHEN e.attidentity = 'd' THEN format('nextval(%L)', (
        SELECT seq.objid::regclass
        FROM pg_depend seq
        WHERE seq.classid = 'pg_class'::regclass AND seq.deptype = 'i'
          AND seq.refclassid = 'pg_class'::regclass AND seq.refobjid = e.attrelid AND seq.refobjsubid = e.attnum
      ))
      WHEN e.attgenerated <> '' THEN NULL
      ELSE pg_get_expr(ad.adbin, ad.adrelid)
    END, ''),
  t.enum::oid
FROM exposed e
JOIN types t USING (atttypid, atttypmod)
LEFT JOIN pg_description doc
  ON doc.objoid = e.attrelid AND doc.objsubid = e.attnum AND doc.classoid = 'pg_class'::regclass
LEFT JOIN pg_attrdef ad
  ON ad.adrelid = e.attrelid AND ad.adnum = e.attnum
ORDER BY e.attrelid, e.attnum
