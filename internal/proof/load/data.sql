-- The table that clients subscribe to: each row is one user's.
CREATE TABLE public.load_rows (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner uuid NOT NULL,
  sent bigint NOT NULL, -- microseconds since 1970, by the writer's clock
  body text NOT NULL
);
ALTER TABLE public.load_rows OWNER TO postgres;
ALTER TABLE public.load_rows ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.load_rows TO anon, authenticated;
CREATE POLICY "Own" ON public.load_rows FOR SELECT TO authenticated USING (owner = (SELECT auth.uid()));
ALTER PUBLICATION supabase_realtime ADD TABLE public.load_rows;
-- A login that may not read the write-ahead log, and has the owner's rights.
CREATE ROLE load_plain LOGIN BYPASSRLS IN ROLE postgres PASSWORD 'load';
