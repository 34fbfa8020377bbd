-- One fault for each rule that the seed has no case of, in a migrated database.
SET search_path = '';

CREATE TABLE public.f_policies (id integer PRIMARY KEY, user_id uuid);
CREATE POLICY unused ON public.f_policies FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE TABLE public.f_closed (id integer PRIMARY KEY);
ALTER TABLE public.f_closed ENABLE ROW LEVEL SECURITY;
CREATE TABLE public.f_metadata (id integer PRIMARY KEY);
ALTER TABLE public.f_metadata ENABLE ROW LEVEL SECURITY;
CREATE POLICY believes ON public.f_metadata FOR SELECT TO authenticated
  USING (((SELECT auth.jwt()) -> 'user_metadata' ->> 'role') = 'admin');
CREATE TABLE public.f_unindexed (id integer PRIMARY KEY, owner uuid);
ALTER TABLE public.f_unindexed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.f_unindexed FOR SELECT TO authenticated USING (owner = (SELECT auth.uid()));

CREATE TABLE public.f_ungranted (id integer PRIMARY KEY);
ALTER TABLE public.f_ungranted ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON public.f_ungranted FOR SELECT TO authenticated USING (true);
REVOKE ALL ON public.f_ungranted FROM anon, authenticated, service_role;

CREATE TABLE public.f_serial (id serial PRIMARY KEY, same integer GENERATED ALWAYS AS IDENTITY);
ALTER TABLE public.f_serial ENABLE ROW LEVEL SECURITY;
CREATE POLICY write ON public.f_serial FOR INSERT TO authenticated WITH CHECK (true);
REVOKE ALL ON SEQUENCE public.f_serial_id_seq FROM anon, authenticated, service_role;
ALTER PUBLICATION supabase_realtime DROP TABLE public.messages;
CREATE TABLE public.f_followed (id integer);
ALTER PUBLICATION supabase_realtime ADD TABLE public.f_followed;

CREATE FUNCTION public.f_definer() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
CREATE VIEW public.f_users AS SELECT email FROM auth.users;
CREATE MATERIALIZED VIEW public.f_materialized AS SELECT 1 AS one;
CREATE FOREIGN DATA WRAPPER f_wrapper;
CREATE SERVER f_server FOREIGN DATA WRAPPER f_wrapper;
CREATE FOREIGN TABLE public.f_foreign (id integer) SERVER f_server;
CREATE EXTENSION citext WITH SCHEMA public VERSION '1.4'; -- an old one, in the API

CREATE SCHEMA pgmq;
CREATE SCHEMA pgmq_public;
CREATE TABLE pgmq.q_mail (id integer PRIMARY KEY);
GRANT SELECT ON pgmq.q_mail TO authenticated;
CREATE POLICY listing ON storage.objects FOR SELECT USING (bucket_id = 'avatars');

CREATE TABLE public.f_keyless (kind regproc);
CREATE TABLE public.f_phone (id integer PRIMARY KEY, phone text UNIQUE REFERENCES auth.users (phone));
CREATE TABLE public.f_twice (id integer PRIMARY KEY, name text);
CREATE INDEX f_twice_a ON public.f_twice (name);
CREATE INDEX f_twice_b ON public.f_twice (name);

INSERT INTO public.f_twice SELECT i FROM generate_series(1, 12000) AS i;
DO $$ BEGIN FOR i IN 1..1001 LOOP PERFORM FROM public.f_twice LIMIT 1; END LOOP; END $$;
CREATE TABLE public.f_bloated (id integer PRIMARY KEY);
INSERT INTO public.f_bloated SELECT i FROM generate_series(1, 12000) AS i;
DELETE FROM public.f_bloated;

INSERT INTO auth.users (id, is_anonymous) VALUES (gen_random_uuid(), true);
INSERT INTO public.api_security_logs (endpoint, timestamp) VALUES ('/', now() - interval '60 days');
INSERT INTO public.daily_metrics (date, channel_type) SELECT '2026-01-01', 'website' FROM generate_series(1, 2);
GRANT CREATE ON SCHEMA public TO anon;
UPDATE romashka.jobs SET next_run = now() - interval '2 days';
UPDATE romashka.queues SET noting = true, read_at = now() - interval '2 days' WHERE name = 'kpi'; -- is no longer read
INSERT INTO romashka.text_queue (message_id) VALUES (gen_random_uuid()); -- is no longer written to
INSERT INTO romashka.jobs (name, every, next_run, function, last_failure) VALUES
  ('f_unknown', '1 hour', now(), NULL, NULL), ('f_known', '1 hour', now(), NULL, NULL),
  ('f_missing', '1 hour', now(), 'f_missing', NULL), ('f_failing', '1 hour', now(), 'job_retention', 'no luck'),
  ('f_off', '1 hour', 'infinity', NULL, 'no luck');

SET allow_system_table_mods = on; -- what would take long, or is not installed here
UPDATE pg_class SET reltuples = 1e7 WHERE oid IN ('public.api_security_logs'::regclass, (SELECT min(t.relid::oid) FROM pg_partition_tree('public.api_security_logs') AS t WHERE t.isleaf));
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
SELECT 999999, 'pg_graphql', 10, 'extensions'::regnamespace, false, '1.5';
RESET allow_system_table_mods;
