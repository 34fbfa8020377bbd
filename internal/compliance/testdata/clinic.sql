-- A clinic's own schema, served under a setting of the API's login: German names,
-- a column granted by itself, keys of two steps, values that only their content
-- gives away. What is in order stands beside it.
SET search_path = '';
CREATE SCHEMA praxis;
GRANT USAGE ON SCHEMA praxis TO anon, authenticated;
CREATE SCHEMA intern;

CREATE TABLE praxis.patienten (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), vorname text, nachname text, geburtsdatum date, "eMail" text, created_at timestamptz DEFAULT now());
ALTER TABLE praxis.patienten ENABLE ROW LEVEL SECURITY;
CREATE POLICY eigene ON praxis.patienten FOR SELECT TO authenticated USING (id = (SELECT auth.uid()));
GRANT SELECT ON praxis.patienten TO authenticated;

-- No right but on one column.
CREATE TABLE praxis.kontakte (id integer PRIMARY KEY, telefonnummer text, notiz text);
GRANT SELECT (telefonnummer) ON praxis.kontakte TO anon;
-- Personal by what it refers to.
CREATE TABLE praxis.termine (id integer PRIMARY KEY, patient uuid REFERENCES praxis.patienten (id), wann timestamptz);
ALTER TABLE praxis.termine ENABLE ROW LEVEL SECURITY;
CREATE POLICY alle ON praxis.termine FOR SELECT USING (wann > '2000-01-01' OR true);
GRANT SELECT ON praxis.termine TO anon;
-- Personal by its values alone.
CREATE TABLE praxis.freitext (id integer PRIMARY KEY, wert jsonb);
INSERT INTO praxis.freitext SELECT n, jsonb_build_object('a', 'DE89 3704 0044 0532 0130 00') FROM generate_series(1, 30) AS n;
GRANT SELECT ON praxis.freitext TO authenticated;
-- A request without a user gets rows, although no policy is always true.
CREATE TABLE praxis.bewertungen (id integer PRIMARY KEY, "contactEmail" text, sichtbar boolean);
ALTER TABLE praxis.bewertungen ENABLE ROW LEVEL SECURITY;
CREATE POLICY sichtbare ON praxis.bewertungen FOR SELECT USING (sichtbar);
INSERT INTO praxis.bewertungen VALUES (1, 'a@example.com', true);
GRANT SELECT ON praxis.bewertungen TO anon;
-- In order: nothing personal in it, or nobody may.
CREATE TABLE praxis.produkte (id integer PRIMARY KEY, name text, beschreibung text);
INSERT INTO praxis.produkte SELECT n, 'Salbe ' || n, 'Version 1.2' FROM generate_series(1, 30) AS n;
GRANT SELECT ON praxis.produkte TO anon;
CREATE TABLE praxis.gesperrt (id integer PRIMARY KEY, email text);
REVOKE ALL ON praxis.gesperrt FROM anon, authenticated;
CREATE TABLE intern.lohn (id integer PRIMARY KEY, email text);
GRANT SELECT ON intern.lohn TO anon;

-- Trails.
CREATE TABLE praxis."LoginHistory" (id integer PRIMARY KEY, wer uuid);
GRANT SELECT, UPDATE (wer) ON praxis."LoginHistory" TO authenticated;
CREATE TABLE praxis.protokoll (id integer PRIMARY KEY, zeile text);
ALTER TABLE praxis.protokoll ENABLE ROW LEVEL SECURITY;
CREATE POLICY anfuegen ON praxis.protokoll FOR INSERT TO authenticated WITH CHECK (zeile IS NOT NULL);
GRANT SELECT, INSERT, DELETE ON praxis.protokoll TO authenticated; -- a grant without a policy takes nothing away
CREATE TABLE praxis.blog (id integer PRIMARY KEY, text text);
ALTER TABLE praxis.blog ENABLE ROW LEVEL SECURITY;
CREATE POLICY schreiben ON praxis.blog FOR DELETE TO authenticated USING (text <> '');
GRANT DELETE ON praxis.blog TO authenticated;

-- Secrets: by name, by form, hashed, encrypted.
CREATE TABLE intern.zugang (id integer PRIMARY KEY, passwort text, token_hash text, kommentar text, codes text[], geheim text);
INSERT INTO intern.zugang VALUES (1, 'sommer2026', encode(sha256('x'), 'hex'), 'Stripe: sk_live_4eC39HqLyjWDarjtT1zdp7dc', '{}', 'x'),
  (2, 'winter2026', encode(sha256('y'), 'hex'), NULL, '{}', 'y');
CREATE TABLE intern.ordentlich (id integer PRIMARY KEY, passwort text, "apiKey" text, backup_codes text[], zugangsdaten jsonb);
INSERT INTO intern.ordentlich VALUES (1, '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW', encode(sha256('x'), 'hex'), ARRAY[encode(sha256('1'), 'hex')], '{"iv": "AAAA", "ciphertext": "BBBB"}');
INSERT INTO praxis.protokoll VALUES (1, 'GET /x?access_token=abcdefgh12');

-- Functions and views.
CREATE FUNCTION praxis.alle_patienten() RETURNS SETOF praxis.patienten LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM praxis.patienten';
CREATE FUNCTION praxis.ordentlich() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION praxis.ordentlich() FROM PUBLIC;
CREATE FUNCTION praxis.gewoehnlich() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE VIEW praxis.uebersicht AS SELECT vorname, nachname FROM praxis.patienten;
GRANT SELECT ON praxis.uebersicht TO anon, authenticated;
CREATE VIEW praxis.eigene_uebersicht WITH (security_invoker = on) AS SELECT vorname FROM praxis.patienten;
GRANT SELECT ON praxis.eigene_uebersicht TO authenticated;
CREATE MATERIALIZED VIEW praxis.zahlen AS SELECT count(*) FROM praxis.termine;
GRANT SELECT ON praxis.zahlen TO authenticated;
GRANT CREATE ON SCHEMA praxis TO authenticated;

-- A partition by its own name, without what guards its parent.
CREATE TABLE praxis.befunde (tag date NOT NULL, "patientenEmail" text) PARTITION BY RANGE (tag);
CREATE TABLE praxis.befunde_alt PARTITION OF praxis.befunde FOR VALUES FROM ('2020-01-01') TO ('2026-01-01');
CREATE TABLE praxis.befunde_neu PARTITION OF praxis.befunde FOR VALUES FROM ('2026-01-01') TO ('2030-01-01');
ALTER TABLE praxis.befunde ENABLE ROW LEVEL SECURITY;
ALTER TABLE praxis.befunde_neu ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON praxis.befunde, praxis.befunde_alt, praxis.befunde_neu TO authenticated;
-- Personal by the names in JSON, longer than a sample is.
CREATE TABLE praxis.formulare (id integer PRIMARY KEY, antworten jsonb);
INSERT INTO praxis.formulare SELECT n, jsonb_build_object('a', '1', 'nachname', 'Muster', 'zusatzangaben', repeat('x', 5000)) FROM generate_series(1, 5) AS n;
GRANT SELECT ON praxis.formulare TO authenticated;
-- A view that calls an address something else, one that shows none.
CREATE VIEW praxis.verzeichnis AS SELECT id, email AS erreichbar FROM intern.lohn;
INSERT INTO intern.lohn SELECT n, 'p' || n || '@example.com' FROM generate_series(1, 5) AS n;
CREATE VIEW praxis.anzahl AS SELECT count(*)::text AS n FROM intern.lohn;
GRANT SELECT ON praxis.verzeichnis, praxis.anzahl TO anon;
-- Policies for writing that end in OR true, and one that does not.
CREATE TABLE praxis.gaestebuch (id integer PRIMARY KEY, wer uuid);
ALTER TABLE praxis.gaestebuch ENABLE ROW LEVEL SECURITY;
CREATE POLICY schreiben ON praxis.gaestebuch FOR INSERT TO authenticated WITH CHECK (wer = (SELECT auth.uid()) OR (1 = 1));
CREATE TABLE praxis.zettel (id integer PRIMARY KEY, wer uuid, offen boolean);
ALTER TABLE praxis.zettel ENABLE ROW LEVEL SECURITY;
CREATE POLICY schreiben ON praxis.zettel FOR INSERT TO authenticated WITH CHECK (wer = (SELECT auth.uid()) OR offen = true);
-- Trails by a word within a word, in other languages, and by their columns.
CREATE TABLE praxis.aenderungsprotokoll (id integer PRIMARY KEY);
CREATE TABLE praxis.bitacora (id integer PRIMARY KEY);
CREATE TABLE praxis."журнал_входов" (id integer PRIMARY KEY);
CREATE TABLE praxis.verlauf (id integer PRIMARY KEY, old_data jsonb, new_data jsonb);
GRANT DELETE ON praxis.aenderungsprotokoll, praxis.bitacora, praxis."журнал_входов", praxis.verlauf TO authenticated;
-- Keys: of two columns, to what goes with a person, and those that let go.
CREATE TABLE praxis.versicherte (kasse integer NOT NULL, nummer integer NOT NULL, nachname text, PRIMARY KEY (kasse, nummer));
CREATE TABLE praxis.rezepte (id integer PRIMARY KEY, kasse integer, nummer integer, FOREIGN KEY (kasse, nummer) REFERENCES praxis.versicherte);
CREATE TABLE praxis.akten (id integer PRIMARY KEY, kasse integer NOT NULL, nummer integer NOT NULL, FOREIGN KEY (kasse, nummer) REFERENCES praxis.versicherte ON DELETE CASCADE);
CREATE TABLE praxis.blaetter (akte integer REFERENCES praxis.akten);
CREATE TABLE praxis.merkzettel (akte integer REFERENCES praxis.akten ON DELETE SET NULL);
