DO $realtime$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT t.tablename
    FROM pg_catalog.pg_publication_tables AS t JOIN romashka.base_additions AS a ON a.relation = t.tablename
    WHERE a.what = 'publication' AND t.pubname = 'supabase_realtime' AND t.schemaname = 'public'
  LOOP
    EXECUTE format('ALTER PUBLICATION supabase_realtime DROP TABLE public.%I', name);
  END LOOP;
  DELETE FROM romashka.base_additions WHERE what = 'publication';
END
$realtime$;
