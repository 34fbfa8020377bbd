-- Purpose: tables that the front end subscribes to and whose changes Supabase's
-- realtime server does not get. Without the publication there is no such server.
-- Parameters: none. Read only.
SELECT 'warning' AS severity,
       'table public.' || c.relname AS object,
       'public.' || c.relname AS relation,
       'is not in the publication supabase_realtime: the pages that subscribe to it see no change' AS fault,
       'published there: ' || coalesce((SELECT string_agg(format('%I.%I', t.schemaname, t.tablename), ', ' ORDER BY t.schemaname, t.tablename)
                                        FROM pg_catalog.pg_publication_tables AS t WHERE t.pubname = p.pubname), 'nothing') AS evidence,
       concat(CASE WHEN c.relreplident <> 'f' AND NOT EXISTS (
                     SELECT FROM pg_catalog.pg_index AS i
                     WHERE i.indrelid = c.oid AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))
                   THEN format('ALTER TABLE public.%I REPLICA IDENTITY FULL; ', c.relname) END, -- else no row of it can be changed
              format('ALTER PUBLICATION supabase_realtime ADD TABLE public.%I;', c.relname)) AS remedy
FROM pg_catalog.pg_publication AS p
JOIN pg_catalog.pg_class AS c
  ON c.relnamespace = to_regnamespace('public') AND c.relname IN ('messages', 'conversations', 'typing_indicators') AND c.relkind IN ('r', 'p')
WHERE p.pubname = 'supabase_realtime' AND NOT p.puballtables
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t
                  WHERE t.pubname = p.pubname AND t.schemaname = 'public' AND t.tablename = c.relname)
