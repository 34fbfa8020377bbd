-- Found after a push to a new project: the publication supabase_realtime is
-- empty, so no change reaches the pages that subscribe to these three tables,
-- the chat among them. In the deployed project somebody added them by hand.
--
-- Mend: each is added that is there, and not in the publication by another way
-- (FOR ALL TABLES, its schema). One without a replica identity stays out: its
-- rows could not be changed any more. If the login may not change the
-- publication, `romashka doctor` prints the statement.
DO $realtime$
DECLARE
  absent CONSTANT text[] := (
    SELECT array_agg(c.relname::text)
    FROM pg_catalog.pg_publication AS p
    JOIN pg_catalog.pg_class AS c
      ON c.relnamespace = 'public'::regnamespace AND c.relname IN ('messages', 'conversations', 'typing_indicators')
    WHERE p.pubname = 'supabase_realtime' AND NOT p.puballtables
      AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
      AND pg_catalog.pg_has_role(current_user, p.pubowner, 'USAGE') AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
      AND (c.relreplident = 'f'
           OR EXISTS (SELECT FROM pg_catalog.pg_index AS i
                      WHERE i.indrelid = c.oid AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t
                      WHERE t.pubname = p.pubname AND t.schemaname = 'public' AND t.tablename = c.relname));
BEGIN
  IF 'messages' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.messages;
  END IF;
  IF 'conversations' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.conversations;
  END IF;
  IF 'typing_indicators' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.typing_indicators;
  END IF;
  INSERT INTO romashka.base_additions SELECT 'publication', unnest(absent) ON CONFLICT DO NOTHING;
END
$realtime$;
