-- What the clients' own features are tried on, beside ROMASHKA's tables: one
-- column for each kind of filter, a parent and its children, and functions.
CREATE TABLE public.e2e_things (
  id     integer PRIMARY KEY,
  name   text UNIQUE,
  note   text,
  tags   text[],
  span   int4range,
  data   jsonb,
  weight numeric,
  ok     boolean,
  born   date,
  words  tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(note, ''))) STORED
);
CREATE TABLE public.e2e_parts (
  id       integer PRIMARY KEY,
  thing_id integer REFERENCES public.e2e_things ON DELETE CASCADE,
  title    text,
  price    numeric
);
-- Acknowledged writes are counted here: no key, so that nothing hides a second one.
CREATE TABLE public.e2e_ledger (client text NOT NULL, number integer NOT NULL);

INSERT INTO public.e2e_things (id, name, note, tags, span, data, weight, ok, born) VALUES
  (1, 'anchor', 'A heavy anchor for small boats', '{sea,iron}',   '[1,5)',   '{"a": 1, "in": {"b": "x"}}', 12.5, true,  '2020-01-01'),
  (2, 'Basket', 'A basket, for picnics',          '{wood}',       '[5,10)',  '{"a": 2}',                   1.25, false, '2021-06-15'),
  (3, 'candle', NULL,                             '{wax,wood}',   '[10,20)', '{"a": 1, "c": [1, 2]}',      0.1,  NULL,  '2022-12-31'),
  (4, 'drum',   'Drums and drumsticks',           '{}',           '[3,12)',  NULL,                         NULL, true,  NULL),
  (5, 'a,b "c" (d)', 'quoting',                   NULL,           NULL,      '[]',                         7,    false, '2019-02-28');
INSERT INTO public.e2e_parts VALUES (1, 1, 'chain', 8), (2, 1, 'ring', 2), (3, 2, 'handle', 1), (4, NULL, 'spare', NULL);

CREATE FUNCTION public.e2e_wait(seconds float) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'waited' FROM pg_sleep(seconds) $$;
CREATE FUNCTION public.e2e_add(a integer, b integer DEFAULT 10) RETURNS integer LANGUAGE sql STABLE AS $$ SELECT a + b $$;
CREATE FUNCTION public.e2e_find(tag text) RETURNS SETOF public.e2e_things LANGUAGE sql STABLE AS $$ SELECT * FROM public.e2e_things WHERE tag = ANY (tags) $$;
CREATE FUNCTION public.e2e_sum(numbers integer[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT sum(n) FROM unnest(numbers) AS n $$;
CREATE FUNCTION public.e2e_nothing() RETURNS void LANGUAGE sql VOLATILE AS '';
CREATE FUNCTION public.e2e_raise() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RAISE EXCEPTION 'on purpose' USING DETAIL = 'a detail', HINT = 'a hint';
END $$;

GRANT ALL ON public.e2e_things, public.e2e_parts, public.e2e_ledger TO anon, authenticated, service_role;

-- A second schema, for what a project may have besides plain tables.
CREATE SCHEMA e2e;
GRANT USAGE ON SCHEMA e2e TO anon, authenticated, service_role;
CREATE TYPE e2e.mood AS ENUM ('calm', 'busy');
CREATE TYPE e2e.place AS (street text, number integer);
CREATE TABLE e2e.people (
  id   integer PRIMARY KEY,
  name text NOT NULL,
  mood e2e.mood DEFAULT 'calm',
  home e2e.place,
  boss integer REFERENCES e2e.people
);
CREATE TABLE e2e.passports (person integer PRIMARY KEY REFERENCES e2e.people, number text NOT NULL);
CREATE TABLE e2e.rooms (id integer PRIMARY KEY, name text, owner integer REFERENCES e2e.people, keeper integer REFERENCES e2e.people);
CREATE TABLE e2e.memberships (person integer REFERENCES e2e.people, room integer REFERENCES e2e.rooms, since date, PRIMARY KEY (person, room));
CREATE VIEW e2e.staff AS SELECT id, name, boss FROM e2e.people WHERE boss IS NOT NULL;

INSERT INTO e2e.people VALUES
  (1, 'Ada', 'calm', '(Main St,5)', NULL), (2, 'Bo', 'busy', NULL, 1), (3, 'Cy', 'busy', NULL, 1), (4, 'Di', NULL, NULL, 2);
INSERT INTO e2e.passports VALUES (1, 'P1'), (3, 'P3');
INSERT INTO e2e.rooms VALUES (1, 'hall', 1, 2), (2, 'attic', 1, NULL), (3, 'cellar', 3, 3);
INSERT INTO e2e.memberships VALUES (1, 1, '2020-01-01'), (2, 1, '2021-01-01'), (2, 3, '2022-01-01'), (4, 2, NULL);

CREATE FUNCTION e2e.initial(e2e.people) RETURNS text LANGUAGE sql STABLE AS $$ SELECT left($1.name, 1) $$;
CREATE FUNCTION e2e.friends(e2e.people) RETURNS SETOF e2e.people LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT DISTINCT p.* FROM e2e.people p JOIN e2e.memberships m ON m.person = p.id JOIN e2e.memberships o ON o.room = m.room
   WHERE o.person = $1.id AND p.id <> $1.id $$;
CREATE FUNCTION e2e.people_of(moods e2e.mood[]) RETURNS SETOF e2e.people LANGUAGE sql STABLE AS $$ SELECT * FROM e2e.people WHERE mood = ANY (moods) $$;
CREATE FUNCTION e2e.boss_of(id integer) RETURNS e2e.people LANGUAGE sql STABLE AS $$
  SELECT b.* FROM e2e.people p JOIN e2e.people b ON b.id = p.boss WHERE p.id = $1 $$;
CREATE FUNCTION e2e.stats() RETURNS TABLE (rooms bigint, people bigint) LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*) FROM e2e.rooms), (SELECT count(*) FROM e2e.people) $$;
CREATE FUNCTION e2e.longest(VARIADIC words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT w FROM unnest(words) w ORDER BY length(w) DESC LIMIT 1 $$;
CREATE FUNCTION e2e.echo(json) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE FUNCTION e2e.twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n * 2 $$;
CREATE FUNCTION e2e.twice(n text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT n || n $$;
CREATE FUNCTION e2e.rename(person integer, name text) RETURNS SETOF e2e.people LANGUAGE sql VOLATILE AS $$
  UPDATE e2e.people SET name = $2 WHERE id = $1 RETURNING * $$;
CREATE FUNCTION e2e.teapot() RETURNS void LANGUAGE plpgsql VOLATILE AS $$ BEGIN RAISE EXCEPTION 'short and stout' USING ERRCODE = 'PT418'; END $$;
GRANT ALL ON ALL TABLES IN SCHEMA e2e TO anon, authenticated, service_role;

NOTIFY pgrst, 'reload schema';

-- Files: each user's in a folder of his id, in the buckets own-*.
CREATE POLICY e2e_own_files ON storage.objects TO authenticated
  USING (bucket_id LIKE 'own-%' AND (storage.foldername(name))[1] = (SELECT auth.uid()::text))
  WITH CHECK (bucket_id LIKE 'own-%' AND (storage.foldername(name))[1] = (SELECT auth.uid()::text));
