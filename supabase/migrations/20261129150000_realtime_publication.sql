-- Written by `make generate` from migrations/20261129150000_realtime_publication.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129150000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The pages and the dashboards learn that something has changed from Realtime,
-- which tells of tables in supabase_realtime alone: incidents, alerts and
-- sessions join those of the chat, where there is such a publication.
--
-- As for the chat's tables: what is in it by another way, or could not be
-- changed any more for want of a replica identity, stays out, and a login that
-- may not change the publication changes nothing. Row level security decides
-- who is told of a row, as it decides who may read it.
DO $realtime$
DECLARE
  absent CONSTANT text[] := (
    SELECT array_agg(c.relname::text)
    FROM pg_catalog.pg_publication AS p
    JOIN pg_catalog.pg_class AS c
      ON c.relnamespace = 'public'::regnamespace AND c.relname IN ('security_incidents', 'security_alerts', 'security_sessions')
    WHERE p.pubname = 'supabase_realtime' AND NOT p.puballtables
      AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
      AND pg_catalog.pg_has_role(current_user, p.pubowner, 'USAGE') AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
      AND (c.relreplident = 'f'
           OR EXISTS (SELECT FROM pg_catalog.pg_index AS i
                      WHERE i.indrelid = c.oid AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t
                      WHERE t.pubname = p.pubname AND t.schemaname = 'public' AND t.tablename = c.relname));
BEGIN
  IF 'security_incidents' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.security_incidents;
  END IF;
  IF 'security_alerts' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.security_alerts;
  END IF;
  IF 'security_sessions' = ANY (absent) THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.security_sessions;
  END IF;
  INSERT INTO romashka.base_additions SELECT 'publication', unnest(absent) ON CONFLICT DO NOTHING;
END
$realtime$;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129150000, 'realtime_publication', '6a2dcfb6e95ee6e746abf024223b18b2da322a578c72a44a7283cfd9b7d77fd1', now());
END
$romashka$;
