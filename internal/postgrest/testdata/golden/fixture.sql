-- A cinema: the database of the golden cases and of the malformed requests.
-- Schemas cinema and archive are exposed, cinema first; util and hidden are not.
-- All is deterministic, and no key comes from a sequence that a rolled-back
-- write would move: a case must not see what another one did.
SET client_min_messages = warning;
SET timezone = 'UTC';

CREATE SCHEMA cinema;
CREATE SCHEMA archive;
CREATE SCHEMA util;
CREATE SCHEMA hidden;
GRANT USAGE ON SCHEMA cinema, archive, util TO anon, authenticated;

SET search_path = cinema;

-- ------------------------------------------------------------------ types
CREATE TYPE genre AS ENUM ('drama', 'comedy', 'science fiction');
CREATE TYPE address AS (street text, city text, zip int[]);

-- Stored as whole cents, seen as a decimal string.
CREATE DOMAIN cents AS bigint;
CREATE FUNCTION shown(cents) RETURNS json LANGUAGE sql IMMUTABLE AS
  $$ SELECT to_json(to_char($1 / 100.0, 'FM999999990.00')) $$;
CREATE FUNCTION cents(json) RETURNS cents LANGUAGE sql IMMUTABLE AS
  $$ SELECT (($1 #>> '{}')::numeric * 100)::bigint::cents $$;
CREATE FUNCTION cents(text) RETURNS cents LANGUAGE sql IMMUTABLE AS
  $$ SELECT ($1::numeric * 100)::bigint::cents $$;
CREATE CAST (cents AS json) WITH FUNCTION shown(cents) AS IMPLICIT;
CREATE CAST (json AS cents) WITH FUNCTION cents(json) AS IMPLICIT;
CREATE CAST (text AS cents) WITH FUNCTION cents(text) AS IMPLICIT;

-- ------------------------------------------------------------------ people and films
CREATE TABLE people (
  id int PRIMARY KEY,
  name text NOT NULL,
  born date,
  home address,
  mentor_id int REFERENCES people
);
COMMENT ON TABLE people IS 'Who makes films';
INSERT INTO people VALUES
  (1, 'Ada Lund', '1950-03-01', ROW('Main St 1', 'Oslo', '{1,50}'), NULL),
  (2, 'Bo Meyer', '1962-07-12', ROW('Elm St 2', 'Kiel', '{24,103}'), 1),
  (3, 'Cleo Park', NULL, NULL, 1),
  (4, 'Dan "D" O''Hara', '1988-12-31', ROW('Low Rd 4', NULL, NULL), 2);

CREATE TABLE films (
  id int PRIMARY KEY,
  title text NOT NULL,
  year smallint CHECK (year > 1880),
  genre genre,
  rating numeric(3,1),
  director_id int NOT NULL CONSTRAINT films_director_fkey REFERENCES people,
  writer_id int CONSTRAINT films_writer_fkey REFERENCES people,
  tags text[] NOT NULL DEFAULT '{}',
  facts jsonb,
  plot text,
  document tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(plot, ''))) STORED
);
COMMENT ON COLUMN films.rating IS 'Out of ten';
INSERT INTO films (id, title, year, genre, rating, director_id, writer_id, tags, facts, plot) VALUES
  (1, 'Quiet Harbour', 1999, 'drama', 7.5, 1, 1, '{sea,night}', '{"budget": 12, "crew": [{"job": "light"}, {"job": "sound"}], "awards": {"oslo": 2}}', 'An old sailor waits for ships that never come.'),
  (2, 'Two Left Shoes', 2004, 'comedy', 6.0, 2, NULL, '{city}', '{"budget": 3.50, "crew": []}', 'A dancer buys shoes; the shoes dance alone.'),
  (3, 'Moon, "Base" (One)', 2010, 'science fiction', NULL, 2, 3, '{}', NULL, 'Sailors of space wait on the moon.'),
  (4, 'Night, Again', 2010, 'drama', 8.2, 3, 1, '{night,"deep sea"}', '{"budget": null, "awards": {}}', NULL);

CREATE TABLE parts (
  film_id int REFERENCES films,
  person_id int REFERENCES people,
  "Character Name" text,
  PRIMARY KEY (film_id, person_id)
);
INSERT INTO parts VALUES (1, 2, 'Sailor'), (1, 3, 'Captain'), (2, 4, 'Dancer'), (4, 4, NULL);

CREATE TABLE posters (
  film_id int PRIMARY KEY REFERENCES films,
  printed int DEFAULT 100,
  image bytea
);
INSERT INTO posters VALUES (1, 500, '\x89504e47'), (2, 100, NULL);

CREATE TABLE reviews (
  id int PRIMARY KEY,
  film_id int REFERENCES films ON DELETE CASCADE,
  author text NOT NULL DEFAULT 'anonymous',
  stars int NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body text,
  UNIQUE (film_id, author)
);
INSERT INTO reviews VALUES
  (1, 1, 'eve', 5, 'Slow and good'), (2, 1, 'fay', 2, NULL), (3, 2, 'eve', 4, 'I danced'), (4, 4, 'gus', 5, ''),
  (5, 4, 'eve', 3, 'Again?');

CREATE TABLE halls (
  name text PRIMARY KEY,
  seats int NOT NULL,
  opening int4range
);
INSERT INTO halls VALUES ('red', 120, '[10,22)'), ('blue', 60, '[18,24)'), ('attic', 12, NULL);

CREATE TABLE screenings (
  id int,
  film_id int REFERENCES films,
  hall text REFERENCES halls,
  starts timestamptz NOT NULL,
  price cents NOT NULL DEFAULT 950,
  PRIMARY KEY (id, hall)
) PARTITION BY LIST (hall);
CREATE TABLE screenings_red PARTITION OF screenings FOR VALUES IN ('red');
CREATE TABLE screenings_rest PARTITION OF screenings DEFAULT;
INSERT INTO screenings VALUES
  (1, 1, 'red', '2025-05-01 18:00+00', 1250), (2, 1, 'blue', '2025-05-02 20:30+00', 950), (3, 3, 'red', '2025-05-03 18:00+00', 995);

CREATE TABLE tickets (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  buyer text NOT NULL DEFAULT 'box office',
  net int NOT NULL DEFAULT 800,
  gross int GENERATED ALWAYS AS (net * 5 / 4) STORED
);

-- ------------------------------------------------------------------ guarded tables
CREATE TABLE notes (id int PRIMARY KEY, owner text NOT NULL, body text);
INSERT INTO notes VALUES (1, 'eve', 'buy popcorn'), (2, 'fay', 'call Bo');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO authenticated
  USING (owner = current_setting('request.jwt.claims', true)::json ->> 'sub')
  WITH CHECK (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
CREATE TABLE payroll (id int PRIMARY KEY, wage int);

-- ------------------------------------------------------------------ views
CREATE VIEW recent_films AS SELECT id, title, year, director_id FROM films WHERE year >= 2004;
CREATE MATERIALIZED VIEW film_stars AS SELECT film_id, avg(stars)::numeric(3,2) AS stars FROM reviews GROUP BY film_id;
CREATE VIEW totals AS SELECT count(*) AS films FROM films;

-- ------------------------------------------------------------------ computed columns and relationships
CREATE FUNCTION decade(films) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1.year / 10 * 10 $$;
CREATE FUNCTION same_year(films) RETURNS SETOF films LANGUAGE sql STABLE AS
  $$ SELECT * FROM cinema.films f WHERE f.year = $1.year AND f.id <> $1.id $$;
CREATE FUNCTION premiere(films) RETURNS SETOF screenings ROWS 1 LANGUAGE sql STABLE AS
  $$ SELECT * FROM cinema.screenings s WHERE s.film_id = $1.id ORDER BY starts LIMIT 1 $$;

-- ------------------------------------------------------------------ functions
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;
CREATE FUNCTION greet(name text DEFAULT 'you') RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'Hello, ' || name || '!' $$;
CREATE FUNCTION join_words(sep text, VARIADIC words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_to_string(words, sep) $$;
CREATE FUNCTION films_since(since int) RETURNS SETOF films LANGUAGE sql STABLE AS
  $$ SELECT * FROM cinema.films WHERE year >= since ORDER BY id $$;
CREATE FUNCTION film_of(id int) RETURNS films LANGUAGE sql STABLE AS
  $$ SELECT f FROM cinema.films f WHERE f.id = film_of.id $$;
CREATE FUNCTION years() RETURNS SETOF smallint LANGUAGE sql STABLE AS
  $$ SELECT DISTINCT year FROM cinema.films ORDER BY year $$;
CREATE FUNCTION busy_halls(shown int) RETURNS TABLE (hall text, shows bigint) LANGUAGE sql STABLE AS
  $$ SELECT hall, count(*) FROM cinema.screenings GROUP BY hall HAVING count(*) >= shown ORDER BY hall $$;
CREATE FUNCTION bounds(OUT first int, OUT last int) LANGUAGE sql STABLE AS
  $$ SELECT min(year), max(year) FROM cinema.films $$;
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION retitle(id int, title text) RETURNS SETOF films LANGUAGE sql AS
  $$ UPDATE cinema.films f SET title = retitle.title WHERE f.id = retitle.id RETURNING f.* $$;
CREATE FUNCTION store(name text) RETURNS void LANGUAGE sql AS
  $$ INSERT INTO cinema.halls (name, seats) VALUES (name, 1) $$;

CREATE FUNCTION echo(json) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1) $$;
CREATE FUNCTION size_of(bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) $$;
CREATE FUNCTION root_of(xml) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT (xpath('name(/*)', $1))[1]::text $$;

CREATE FUNCTION find(title text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'by title' $$;
CREATE FUNCTION find(year int, genre text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'by year and genre' $$;
CREATE FUNCTION pick(n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'int' $$;
CREATE FUNCTION pick(n text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'text' $$;

CREATE FUNCTION claims() RETURNS json LANGUAGE sql STABLE AS
  $$ SELECT json_build_object('user', current_user, 'claims', current_setting('request.jwt.claims', true)::json) $$;
CREATE FUNCTION request(name text) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT current_setting('request.' || name, true) $$;
CREATE FUNCTION setting(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting(name, true) $$;
CREATE FUNCTION patient() RETURNS text LANGUAGE sql STABLE SET statement_timeout = '12s' AS
  $$ SELECT current_setting('statement_timeout') $$;
CREATE FUNCTION strict_level() RETURNS text LANGUAGE sql STABLE SET default_transaction_isolation = 'serializable' AS
  $$ SELECT current_setting('transaction_isolation') $$;

CREATE FUNCTION teapot() RETURNS json LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('response.status', '418', true);
  PERFORM set_config('response.headers', '[{"X-Pot": "hot"}, {"Cache-Control": "no-store"}]', true);
  RETURN '{"short": true, "stout": true}';
END $$;
CREATE FUNCTION bad_headers() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('response.headers', '{"not": "a list"}', true); RETURN 1;
END $$;
CREATE FUNCTION bad_status() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('response.status', 'many', true); RETURN 1;
END $$;
CREATE FUNCTION refuse(state text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'refused', DETAIL = 'because', HINT = 'ask again';
END $$;
CREATE FUNCTION refuse_freely() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = '{"code": "SEAT1", "message": "The seat is taken", "details": "Row 3", "hint": "Take row 4"}',
    DETAIL = '{"status": 423, "status_text": "Seat Taken", "headers": {"X-Row": "3"}}';
END $$;
CREATE FUNCTION refuse_badly() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  RAISE SQLSTATE 'PGRST' USING MESSAGE = 'no JSON', DETAIL = 'none either';
END $$;
CREATE FUNCTION endless(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN cinema.endless(n + 1); END $$;

-- ------------------------------------------------------------------ media types
CREATE DOMAIN "text/plain" AS text;
CREATE DOMAIN "text/xml" AS xml;
CREATE DOMAIN "application/octet-stream" AS bytea;
CREATE DOMAIN "text/vnd.cinema.list" AS text;
CREATE FUNCTION poster(film_id int) RETURNS "application/octet-stream" LANGUAGE sql STABLE AS
  $$ SELECT image FROM cinema.posters p WHERE p.film_id = poster.film_id $$;
CREATE FUNCTION motto() RETURNS "text/plain" LANGUAGE sql STABLE AS $$ SELECT 'Lights out.' $$;
CREATE FUNCTION sign() RETURNS "text/xml" LANGUAGE sql STABLE AS $$ SELECT xmlparse(content '<exit lit="yes"/>') $$;
CREATE FUNCTION list_hall(state "text/vnd.cinema.list", hall halls) RETURNS "text/vnd.cinema.list" LANGUAGE sql IMMUTABLE AS
  $$ SELECT (coalesce(state, '') || '- ' || hall.name || E'\n')::cinema."text/vnd.cinema.list" $$;
CREATE AGGREGATE list_halls(halls) (SFUNC = list_hall, STYPE = "text/vnd.cinema.list", INITCOND = E'Halls:\n');
-- PostGIS is not everywhere; this stands in for its function.
CREATE FUNCTION st_asgeojson(anyelement) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT json_build_object('type', 'Feature', 'geometry', null, 'properties', to_json($1))::text $$;
CREATE DOMAIN "*/*" AS text;
CREATE FUNCTION anything() RETURNS "*/*" LANGUAGE plpgsql STABLE AS $$ BEGIN
  PERFORM set_config('response.headers', '[{"Content-Type": "text/html"}]', true);
  RETURN '<p>' || (current_setting('request.headers', true)::json ->> 'accept') || '</p>';
END $$;

-- ------------------------------------------------------------------ the other schemas
CREATE TABLE archive.films (id int PRIMARY KEY, title text, lost boolean);
INSERT INTO archive.films VALUES (1, 'The First Reel', true), (2, 'The Second Reel', NULL);
CREATE FUNCTION archive.whereabouts() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_schema() $$;
CREATE TABLE hidden.vault (id int PRIMARY KEY);
CREATE FUNCTION util.check_request() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('request.headers', true)::json ->> 'x-banned' IS NOT NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'banned';
  END IF;
  PERFORM set_config('response.headers', '[{"X-Checked": "yes"}]', true);
END $$;
CREATE FUNCTION cinema.welcome() RETURNS json LANGUAGE sql STABLE AS $$ SELECT '{"welcome": "to the cinema"}'::json $$;

-- ------------------------------------------------------------------ privileges
GRANT ALL ON people, films, parts, posters, reviews, halls, screenings, screenings_red, screenings_rest, tickets TO anon, authenticated;
GRANT SELECT ON recent_films, film_stars, totals TO anon, authenticated;
GRANT UPDATE, INSERT, DELETE ON recent_films TO anon, authenticated;
GRANT ALL ON notes TO authenticated;
GRANT SELECT (id) ON payroll TO authenticated;
GRANT ALL ON archive.films TO anon, authenticated;
ANALYZE;
