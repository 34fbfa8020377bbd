-- Written by `make generate` from functions/erlang_a.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:6789f541201e3727fcc63993f6ca598dcb8d534330f93d20ffb713f5b509da0a' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.erlang_a(double precision, double precision, double precision, double precision, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'erlang_a' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'erlang_a' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.erlang_a(double precision, double precision, double precision, double precision, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.erlang_a(double precision, double precision, double precision, double precision, integer)
-- Purpose: waits and losses of contacts in a queue that they leave: internal/analytics/staffing,
--   abandon.go, in SQL. A test holds that both agree.
-- Parameters: load in Erlang, handling time, patience and the time to be answered
--   in, all in seconds, agents (1 and more).
-- Rows: one; shares of all contacts, mean_wait in seconds.
-- Who: the owner, by way of get_staffing_figures; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.erlang_a(load double precision, handling double precision, patience double precision, within double precision, agents integer,
  OUT waiting double precision, OUT answered double precision, OUT abandoning double precision, OUT mean_wait double precision, OUT occupancy double precision)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  arrivals CONSTANT double precision := load * patience / handling; -- while one contact is patient
  served   CONSTANT double precision := agents * patience / handling;
  bend     CONSTANT double precision := LEAST(arrivals, served);
  slope    CONSTANT double precision := GREATEST(0, served - arrivals);
  mode     CONSTANT double precision := ln(GREATEST(1, arrivals / served));
  flat     CONSTANT double precision := ln(GREATEST(arrivals, 1)) + 40;
  blocked  double precision := 1; -- Erlang B of one agent less
  far      double precision := 1e-30; -- from the mode, where the density no longer counts
  at_once  double precision;
  everyone double precision;
  leaving  double precision;
  in_time  double precision;
BEGIN
  FOR n IN 1 .. agents - 1 LOOP
    blocked := load * blocked / (n + load * blocked);
    IF blocked < 1e-290 THEN -- nobody waits, to the last digit
      waiting := 0; answered := 1; abandoning := 0; mean_wait := 0; occupancy := load / agents;
      RETURN;
    END IF;
  END LOOP;
  WHILE mode + far < flat AND slope * far + bend * CASE WHEN far > 1e-3 THEN exp(-far) - 1 + far ELSE far * far / 2 * (1 - far / 3) END < 45 LOOP
    far := far * 2;
  END LOOP;

  -- Gauss-Legendre, ten points in each of 24 panels below the mode and above it;
  -- of all waits, and of those that end in time.
  SELECT sum(q.part) FILTER (WHERE q.whole), sum(q.part * (1 - exp(-q.y))) FILTER (WHERE q.whole), sum(q.part * exp(-q.y)) FILTER (WHERE NOT q.whole)
  INTO everyone, leaving, in_time
  FROM (
    SELECT s.whole, at.y, (s.b - s.a) / 48 * g.weight * exp(-slope * at.d - bend * CASE WHEN abs(at.d) > 1e-3 THEN exp(-at.d) - 1 + at.d
             ELSE at.d * at.d / 2 * (1 - at.d / 3 * (1 - at.d / 4)) END) AS part
    FROM (SELECT w.whole, GREATEST(0, mode - far, h.a) AS a, LEAST(h.b, mode + far, flat, CASE WHEN w.whole THEN flat ELSE within / patience END) AS b
          FROM (VALUES (true), (false)) AS w (whole)
          CROSS JOIN (VALUES (0::double precision, mode), (mode, flat)) AS h (a, b)) AS s
    CROSS JOIN pg_catalog.generate_series(0, 23) AS panel
    CROSS JOIN (VALUES (-0.9739065285171717::double precision, 0.0666713443086881::double precision), (-0.8650633666889845, 0.1494513491505806),
                       (-0.6794095682990244, 0.2190863625159821), (-0.4333953941292472, 0.2692667193099963), (-0.1488743389816312, 0.2955242247147529),
                       (0.1488743389816312, 0.2955242247147529), (0.4333953941292472, 0.2692667193099963), (0.6794095682990244, 0.2190863625159821),
                       (0.8650633666889845, 0.1494513491505806), (0.9739065285171717, 0.0666713443086881)) AS g (node, weight)
    CROSS JOIN LATERAL (SELECT x.y, x.y - mode AS d FROM (SELECT s.a + (s.b - s.a) / 48 * (2 * panel + 1 + g.node) AS y) AS x) AS at
    WHERE s.b > s.a
  ) AS q;
  IF mode + far > flat THEN -- the rest is an exponential
    at_once := exp(-slope * (flat - mode) - bend * (exp(mode - flat) - 1 + flat - mode)) / served;
    everyone := everyone + at_once;
    leaving := leaving + at_once;
  END IF;
  -- Those who do not wait, on the scale of the density.
  at_once := exp(-CASE WHEN arrivals > served THEN LEAST(arrivals - served - served * mode, 700) ELSE 0 END) / blocked;
  waiting := arrivals * everyone / (at_once + arrivals * everyone);
  answered := (at_once + arrivals * COALESCE(in_time, 0)) / (at_once + arrivals * everyone);
  abandoning := arrivals * leaving / (at_once + arrivals * everyone);
  mean_wait := abandoning * patience;
  occupancy := LEAST(1, load * (1 - abandoning) / agents);
END
$$;

REVOKE ALL ON FUNCTION romashka.erlang_a(double precision, double precision, double precision, double precision, integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.erlang_a(double precision, double precision, double precision, double precision, integer) IS 'What contacts meet in a queue that they leave (Erlang A)';
$text$;
made := to_regprocedure('romashka.erlang_a(double precision, double precision, double precision, double precision, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'erlang_a', 'romashka.erlang_a(double precision, double precision, double precision, double precision, integer)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
