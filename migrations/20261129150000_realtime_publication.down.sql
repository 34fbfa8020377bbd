-- What this migration has added leaves; the chat's tables are an older one's.
DO $realtime$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT t.tablename
    FROM pg_catalog.pg_publication_tables AS t JOIN romashka.base_additions AS a ON a.relation = t.tablename
    WHERE a.what = 'publication' AND t.pubname = 'supabase_realtime' AND t.schemaname = 'public'
      AND t.tablename IN ('security_incidents', 'security_alerts', 'security_sessions')
  LOOP
    EXECUTE pg_catalog.format('ALTER PUBLICATION supabase_realtime DROP TABLE public.%I', name);
  END LOOP;
  DELETE FROM romashka.base_additions
  WHERE what = 'publication' AND relation IN ('security_incidents', 'security_alerts', 'security_sessions');
END
$realtime$;
