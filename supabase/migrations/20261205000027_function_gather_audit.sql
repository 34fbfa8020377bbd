-- Written by `make generate` from functions/gather_audit.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:1101c7d60e16e17ce9a89bfcf7ea28d2ec3c6d921a0ba6edf1cbaee5970c589d' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.gather_audit(integer, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'gather_audit' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'gather_audit' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.gather_audit(integer, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.gather_audit(integer, integer)
-- Purpose: makes lines of the trail of new rows in the API log: sign-ins,
--   sign-outs, exports (answers in CSV) and refusals.
-- Parameters: each, the refusals of one address (of IPv6: of its /64) or account
--   that are lines of their own in one call, the others are one line with their
--   count; most, the lines of refusals in one call, all others are one line.
-- Rows: how many lines were written. The first call writes none, and begins there.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.gather_audit(each integer DEFAULT 5, most integer DEFAULT 1000)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  was     pg_snapshot;
  next    CONSTANT pg_snapshot := pg_catalog.pg_current_snapshot();
  written integer;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.audit.log', 0));
  SELECT p.seen INTO was FROM romashka.audit_position AS p;
  INSERT INTO romashka.audit_position (seen) VALUES (next) ON CONFLICT (one) DO UPDATE SET seen = EXCLUDED.seen;
  IF was IS NULL THEN
    RETURN 0;
  END IF;
  WITH fresh AS MATERIALIZED (
    -- One statement sees more than next where somebody has committed since.
    SELECT l.*, CASE
        WHEN l.endpoint = '/auth/v1/token' AND l.request_headers ->> 'grant_type' = 'refresh_token' AND l.response_code < 400 THEN NULL
        WHEN l.endpoint IN ('/auth/v1/token', '/auth/v1/verify', '/auth/v1/signup', '/auth/v1/callback') AND l.response_code BETWEEN 200 AND 399 THEN 'sign_in'
        WHEN l.endpoint = '/auth/v1/logout' AND l.response_code BETWEEN 200 AND 299 THEN 'sign_out'
        WHEN l.response_headers ->> 'content-type' LIKE 'text/csv%' AND l.response_code BETWEEN 200 AND 299 THEN 'export'
        WHEN l.response_code IN (401, 403, 429) OR l.response_code IN (400, 422) AND l.endpoint IN ('/auth/v1/token', '/auth/v1/verify', '/auth/v1/signup') THEN 'refusal'
      END AS kind
    FROM public.api_security_logs AS l
    WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(was) AND l.arrived < pg_catalog.pg_snapshot_xmax(next)
      AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, was) AND pg_catalog.pg_visible_in_snapshot(l.arrived, next)
  ), told AS (
    SELECT f.kind, f.id, COALESCE(f.user_id::text, f.request_headers ->> 'sub') AS who, f.endpoint, f.method, f.response_code, f.request_headers AS headers,
           LEAST(f."timestamp", pg_catalog.now()) AS at, pg_catalog.host(f.ip_address) AS address,
           CASE pg_catalog.family(f.ip_address) WHEN 6 THEN pg_catalog.network(pg_catalog.set_masklen(f.ip_address, 64))::text ELSE pg_catalog.host(f.ip_address) END AS host,
           f.request_headers ->> 'account_hash' AS account,
           CASE WHEN f.request_headers ->> 'counted' ~ '^\d{1,9}$' THEN (f.request_headers ->> 'counted')::bigint ELSE 1 END AS n
    FROM fresh AS f WHERE f.kind IS NOT NULL
  ), ranked AS (
    SELECT t.*, pg_catalog.row_number() OVER (PARTITION BY t.kind, t.host ORDER BY t.at, t.id) AS of_host,
           pg_catalog.row_number() OVER (PARTITION BY t.kind, t.account ORDER BY t.at, t.id) AS of_account
    FROM told AS t
  ), sorted AS (
    SELECT r.*, CASE WHEN r.kind <> 'refusal' THEN NULL WHEN r.of_host > each THEN COALESCE(r.host, 'an unknown address') WHEN r.account IS NOT NULL AND r.of_account > each THEN 'account ' || r.account END AS beyond
    FROM ranked AS r
  ), own AS (
    SELECT s.*, pg_catalog.row_number() OVER (PARTITION BY s.kind ORDER BY s.of_host, s.at, s.id) AS place FROM sorted AS s WHERE s.beyond IS NULL
  ), rest AS (
    SELECT s.beyond, sum(s.n) AS n, min(s.at) AS first, max(s.at) AS last, pg_catalog.mode() WITHIN GROUP (ORDER BY s.response_code) AS code,
           count(DISTINCT s.endpoint) AS endpoints, pg_catalog.row_number() OVER (ORDER BY sum(s.n) DESC, s.beyond) AS place
    FROM (SELECT beyond, n, at, response_code, endpoint FROM sorted WHERE beyond IS NOT NULL
          UNION ALL SELECT 'other addresses', n, at, response_code, endpoint FROM own WHERE kind = 'refusal' AND place > most) AS s
    GROUP BY s.beyond
  ), summed AS (
    SELECT CASE WHEN r.place > most THEN 'other addresses' ELSE r.beyond END AS beyond, sum(r.n) AS n, min(r.first) AS first, max(r.last) AS last, max(r.code) AS code, max(r.endpoints) AS endpoints
    FROM rest AS r GROUP BY 1
  )
  INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, resource_id, action, ip_address, user_agent, session_id, success, failure_reason, additional_context, created_at)
  SELECT o.kind, CASE WHEN o.who ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN o.who::uuid END, 'request', o.endpoint,
         CASE o.kind WHEN 'refusal' THEN 'refuse' WHEN 'export' THEN 'export' ELSE COALESCE(NULLIF(o.headers ->> 'grant_type', ''), o.kind) END,
         o.address, o.headers ->> 'user-agent', o.headers ->> 'session_hash', o.kind <> 'refusal', CASE o.kind WHEN 'refusal' THEN 'status ' || o.response_code END,
         pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('request', o.id, 'method', o.method, 'status', o.response_code, 'account_hash', o.account, 'count', NULLIF(o.n, 1))), o.at
  FROM own AS o WHERE o.kind <> 'refusal' OR o.place <= most
  UNION ALL
  SELECT 'refusal', NULL, 'request', NULL, 'refuse', CASE WHEN s.beyond ~ '^[0-9a-f.:/]+$' THEN s.beyond END, NULL, NULL, false, 'status ' || s.code,
         pg_catalog.jsonb_build_object('count', s.n, 'of', s.beyond, 'first', s.first, 'last', s.last, 'endpoints', s.endpoints), s.last
  FROM summed AS s;
  GET DIAGNOSTICS written = ROW_COUNT;
  RETURN written;
END
$$;

REVOKE ALL ON FUNCTION romashka.gather_audit(integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.gather_audit(integer, integer) IS 'Makes lines of the trail of what is new in the API log';
$text$;
made := to_regprocedure('romashka.gather_audit(integer, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'gather_audit', 'romashka.gather_audit(integer, integer)', wanted, now(), s.definition
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
