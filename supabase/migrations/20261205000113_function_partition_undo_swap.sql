-- Written by `make generate` from functions/partition_undo_swap.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:ea8155b33d2becb39ade277af83c576e674cf22b3bb1fce4e5c24a205b0c3027' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_undo_swap()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_undo_swap' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_undo_swap' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_undo_swap()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_undo_swap()
-- Purpose: the last step of making a partitioned API log one table again: the table that has
--   its rows takes its name, rights, policies, triggers, views and publications, and the
--   partitions go. All of it or none: it is one transaction.
-- Rows: none. Errors: what the table lacks of the log: a column, an index, a foreign key.
-- Needs: all rows copied, the unique index api_security_logs_whole_pkey on id, and for
--   each other index of the log one named after its number.
-- Locks: ACCESS EXCLUSIVE on the log, its partitions, and the tables that its foreign keys
--   refer to, for moments: no row is read.
-- Who: the owner, by `romashka migrate partition --undo`.
CREATE OR REPLACE FUNCTION romashka.partition_undo_swap()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  old   CONSTANT oid := 'public.api_security_logs'::regclass;
  whole CONSTANT oid := 'romashka.api_security_logs_whole'::regclass;
  after text[];
  names text[];
  key   name;
  item  record;
  step  text;
BEGIN
  -- In the order in which a deleted user takes them.
  FOR item IN SELECT DISTINCT k.confrelid::regclass AS name FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = old AND k.contype = 'f' ORDER BY 1 LOOP
    EXECUTE pg_catalog.format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', item.name);
  END LOOP;
  LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
  FOR item IN
    SELECT 'column ' || a.attname || ' as the log has it' AS name
    FROM pg_catalog.pg_attribute AS a WHERE a.attrelid IN (old, whole) AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attname HAVING count(*) <> 2 OR min(a.atttypid) <> max(a.atttypid) OR min(a.atttypmod) <> max(a.atttypmod)
    UNION ALL
    SELECT 'index ' || x.name FROM romashka.log_indexes() AS x WHERE NOT x.built
    UNION ALL
    SELECT 'constraint ' || o.conname
    FROM pg_catalog.pg_constraint AS o
    WHERE o.conrelid = old AND o.contype IN ('c', 'f')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS w WHERE w.conrelid = whole AND w.conname = o.conname AND w.convalidated AND pg_catalog.pg_get_constraintdef(w.oid) = pg_catalog.pg_get_constraintdef(o.oid))
    UNION ALL
    SELECT 'trigger of ' || t.relid::regclass
    FROM pg_catalog.pg_partition_tree(old) AS t
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = t.relid AND g.tgname = 'romashka_mirror' AND g.tgenabled <> 'D')
  LOOP
    RAISE EXCEPTION 'the table that takes the place of the API log has no %', item.name
      USING HINT = 'The log was changed meanwhile: take it back with --abort, and begin again.', ERRCODE = 'object_not_in_prerequisite_state';
  END LOOP;

  -- The definitions name the log, and are carried out when the new table has that name.
  SELECT k.conname INTO STRICT key FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = old AND k.contype = 'p';
  after := ARRAY(SELECT d.text FROM romashka.log_definitions('public.romashka_log_days') AS d ORDER BY d.place, d.number);
  names := ARRAY(SELECT x.rename FROM romashka.log_indexes() AS x WHERE x.rename IS NOT NULL);
  ALTER TABLE public.api_security_logs RENAME TO romashka_log_days;
  ALTER TABLE romashka.api_security_logs_whole DROP CONSTRAINT api_security_logs_whole_days;
  ALTER TABLE romashka.api_security_logs_whole ALTER COLUMN "timestamp" DROP NOT NULL;
  ALTER TABLE romashka.api_security_logs_whole SET SCHEMA public;
  ALTER TABLE public.api_security_logs_whole RENAME TO api_security_logs;
  FOREACH step IN ARRAY after LOOP
    EXECUTE step;
  END LOOP;
  FOR item IN -- sequences of columns, which would go with the table that they belong to
    SELECT s.oid, s.oid::regclass AS name, n.nspname, s.relname, a.attname
    FROM pg_catalog.pg_partition_tree(old) AS t
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.relid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
    JOIN pg_catalog.pg_class AS s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.relid AND a.attnum = d.refobjsubid
  LOOP
    EXECUTE pg_catalog.format('ALTER SEQUENCE %s OWNED BY NONE', item.name);
    IF item.nspname <> 'public' THEN
      EXECUTE pg_catalog.format('ALTER SEQUENCE %s SET SCHEMA public', item.name);
    END IF;
    EXECUTE pg_catalog.format('ALTER SEQUENCE public.%I OWNED BY public.api_security_logs.%I', item.relname, item.attname);
  END LOOP;
  DROP TABLE public.romashka_log_days;
  EXECUTE pg_catalog.format('ALTER TABLE public.api_security_logs ADD CONSTRAINT %I PRIMARY KEY USING INDEX api_security_logs_whole_pkey', key);
  FOREACH step IN ARRAY names LOOP
    EXECUTE step;
  END LOOP;
  DELETE FROM romashka.realtime_tables AS t WHERE t.relid = old;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_undo_swap() FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_undo_swap() IS 'Makes a partitioned API log one table again';
$text$;
made := to_regprocedure('romashka.partition_undo_swap()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_undo_swap', 'romashka.partition_undo_swap()', wanted, now(), s.definition
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
