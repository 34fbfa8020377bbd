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
NOTIFY pgrst, 'reload schema';
