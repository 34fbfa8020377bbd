-- Written by `make generate` from functions/seal_audit.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:61692f59b41fce714b6b8b95e06431af914967709ecaa97a4f999e39896e870a' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.seal_audit(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'seal_audit' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'seal_audit' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.seal_audit(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.seal_audit(integer)
-- Purpose: seals lines of security_audit_logs that wait, in the order in which they
--   came, each behind the one before.
-- Parameters: at most so many.
-- Rows: sealed, how many were; seq and hash, the chain's end, NULL where it is empty.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.seal_audit(most integer DEFAULT 5000, OUT sealed integer, OUT seq bigint, OUT hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  item     record;
  seed     bytea;
  personal bytea;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.audit', 0));
  sealed := 0;
  SELECT s.seq, s.hash INTO seq, hash FROM romashka.audit_start() AS s;
  SELECT COALESCE(c.seq, seal_audit.seq), COALESCE(c.hash, seal_audit.hash) INTO seq, hash
  FROM (SELECT) AS one LEFT JOIN (SELECT c.seq, c.hash FROM romashka.audit_chain AS c ORDER BY c.seq DESC LIMIT 1) AS c ON true;
  FOR item IN
    WITH taken AS (
      DELETE FROM romashka.audit_queue AS q WHERE q.place IN (SELECT w.place FROM romashka.audit_queue AS w ORDER BY w.place LIMIT most)
      RETURNING q.place, q.line_id
    )
    SELECT t.line_id, CASE WHEN l.id IS NULL THEN '\x' ELSE pg_catalog.sha256(pg_catalog.convert_to(romashka.audit_body(l), 'UTF8')) END AS body,
           pg_catalog.convert_to(COALESCE(romashka.audit_personal(l), ''), 'UTF8') AS personal
    FROM taken AS t LEFT JOIN public.security_audit_logs AS l ON l.id = t.line_id
    ORDER BY t.place
  LOOP
    seed := pg_catalog.uuid_send(pg_catalog.gen_random_uuid());
    personal := pg_catalog.sha256(seed || item.personal);
    INSERT INTO romashka.audit_chain (seq, line_id, body_hash, personal_hash, salt, hash)
    VALUES (seal_audit.seq + 1, item.line_id, item.body, personal, seed,
            romashka.audit_hash(seal_audit.hash, seal_audit.seq + 1, item.line_id, item.body, personal))
    ON CONFLICT (line_id) DO NOTHING;
    CONTINUE WHEN NOT FOUND; -- a line of that id was sealed before
    seq := seq + 1;
    SELECT c.hash INTO hash FROM romashka.audit_chain AS c WHERE c.seq = seal_audit.seq;
    sealed := sealed + 1;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION romashka.seal_audit(integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.seal_audit(integer) IS 'Seals lines of the trail that wait; returns how many, and the end of the chain';
$text$;
made := to_regprocedure('romashka.seal_audit(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'seal_audit', 'romashka.seal_audit(integer)', wanted, now(), s.definition
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
