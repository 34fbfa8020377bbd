-- Written by `make generate` from functions/watch_table.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:b6d008a1389c07990eb96ff91b969ed300c52cd6d72fd2ce7efc16144021b2b6' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.watch_table(oid)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'watch_table' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'watch_table' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.watch_table(oid)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.watch_table(oid)
-- Purpose: has changes of a table noted for Realtime for a minute from now, by a
--   trigger that it puts there where it is missing or knows another key.
-- Parameters: the table, which must be published for Realtime: no other is touched.
-- Returns: what keeps its changes from being noted; NULL = nothing.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs. The trigger is the
--   owner's doing, so the table must be his, or of a role that he is a member of.
CREATE OR REPLACE FUNCTION romashka.watch_table(relid oid)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS $$
DECLARE
  relation  record;
  keys      text[];
  odd       text;
  arguments text[];
  wanted    bytea := '';
  item      text;
  standing  record;
BEGIN
  SELECT c.oid, n.nspname, c.relname, c.relowner, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name INTO relation
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.oid = watch_table.relid AND EXISTS (
    SELECT FROM pg_catalog.pg_publication_tables AS t
    WHERE t.pubname IN ('supabase_realtime', 'supabase_realtime_messages_publication') AND t.schemaname = n.nspname AND t.tablename = c.relname);
  IF NOT FOUND THEN
    RETURN 'it is not published for Realtime';
  END IF;
  SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place),
         pg_catalog.min(a.attname::text) FILTER (WHERE t.typcategory IN ('A', 'C') OR t.typname = 'jsonb')
  INTO keys, odd
  FROM pg_catalog.pg_index AS i
  CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, place)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE i.indrelid = relation.oid AND i.indisprimary AND k.place <= i.indnkeyatts;
  IF keys IS NULL THEN
    RETURN pg_catalog.format('%s has no primary key', relation.name);
  ELSIF odd IS NOT NULL THEN
    RETURN pg_catalog.format('column %I of the primary key of %s is of a type that a trigger cannot note', odd, relation.name);
  END IF;
  -- Not beside forget_tables, which may be about to take the trigger away.
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.realtime ' || relation.oid, 0));
  arguments := pg_catalog.array_prepend(relation.oid::text, keys);
  FOREACH item IN ARRAY arguments LOOP
    wanted := wanted || pg_catalog.convert_to(item, pg_catalog.getdatabaseencoding()) || '\x00'::bytea;
  END LOOP;
  SELECT t.tgargs = wanted AS same, t.tgenabled = 'D' AS disabled INTO standing
  FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = relation.oid AND t.tgname = 'romashka_realtime';
  IF standing.disabled THEN
    RETURN pg_catalog.format('its trigger is disabled; ALTER TABLE %s ENABLE TRIGGER romashka_realtime', relation.name);
  ELSIF standing.same IS NOT TRUE THEN
    IF NOT pg_catalog.pg_has_role(current_user, relation.relowner, 'USAGE') THEN
      RETURN pg_catalog.format('%s belongs to %I, on whose tables %I may put no trigger; GRANT %2$I TO %3$I, or let the sidecar''s login replicate (wal_level = logical, REPLICATION)',
        relation.name, pg_catalog.pg_get_userbyid(relation.relowner), current_user);
    END IF;
    EXECUTE pg_catalog.format('DROP TRIGGER IF EXISTS romashka_realtime ON %s', relation.name);
    EXECUTE pg_catalog.format('CREATE TRIGGER romashka_realtime AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION romashka.note_change(%s)',
      relation.name, (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(a.text), ', ' ORDER BY a.place) FROM pg_catalog.unnest(arguments) WITH ORDINALITY AS a (text, place)));
  END IF;
  INSERT INTO romashka.realtime_tables AS t (relid, watched_until) VALUES (relation.oid, pg_catalog.clock_timestamp() + interval '1 minute')
  ON CONFLICT ON CONSTRAINT realtime_tables_pkey DO UPDATE SET watched_until = GREATEST(t.watched_until, excluded.watched_until);
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.watch_table(oid) FROM PUBLIC;
COMMENT ON FUNCTION romashka.watch_table(oid) IS 'Has changes of a table noted for Realtime, for a minute';
$text$;
made := to_regprocedure('romashka.watch_table(oid)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'watch_table', 'romashka.watch_table(oid)', wanted, now(), s.definition
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
