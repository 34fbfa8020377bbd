-- A shop in German with names of its own: keys of two columns, a cycle, a table
-- that refers to itself, partitions, JSON, no key at all, links that nothing holds.
CREATE SCHEMA laden;
CREATE DOMAIN laden.adresse AS text CHECK (VALUE ~ '@');
CREATE TABLE laden.mandanten (id int PRIMARY KEY, name text);
CREATE TABLE laden.kunden (
  mandant int NOT NULL REFERENCES laden.mandanten, nummer bigint NOT NULL, email laden.adresse NOT NULL, vorname text, nachname text NOT NULL,
  telefon text, geburtsdatum date, geworben_von bigint, letzte_bestellung bigint,
  PRIMARY KEY (mandant, nummer), FOREIGN KEY (mandant, geworben_von) REFERENCES laden.kunden);
CREATE TABLE laden.bestellungen (
  id bigint PRIMARY KEY, mandant int NOT NULL, kunde bigint NOT NULL, bearbeitet_von bigint, notiz text,
  FOREIGN KEY (mandant, kunde) REFERENCES laden.kunden, FOREIGN KEY (mandant, bearbeitet_von) REFERENCES laden.kunden);
ALTER TABLE laden.kunden ADD FOREIGN KEY (letzte_bestellung) REFERENCES laden.bestellungen;
CREATE TABLE laden.positionen (bestellung bigint NOT NULL REFERENCES laden.bestellungen, zeile int, ware text, vorgaenger int, PRIMARY KEY (bestellung, zeile),
  FOREIGN KEY (bestellung, vorgaenger) REFERENCES laden.positionen);
CREATE TABLE laden.wunschlisten (id int PRIMARY KEY, mandant int NOT NULL, kunde bigint NOT NULL, FOREIGN KEY (mandant, kunde) REFERENCES laden.kunden ON DELETE CASCADE);
CREATE TABLE laden.nachrichten (gesendet timestamptz NOT NULL, von text, text text) PARTITION BY RANGE (gesendet); -- no key
CREATE TABLE laden.nachrichten_alt PARTITION OF laden.nachrichten FOR VALUES FROM ('2020-01-01') TO ('2026-01-01');
CREATE TABLE laden.nachrichten_neu PARTITION OF laden.nachrichten FOR VALUES FROM ('2026-01-01') TO ('2030-01-01');
CREATE TABLE laden.ereignisse (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, daten jsonb, schlagworte text[]);
CREATE TABLE laden."Newsletter" ("eMail" varchar(60) PRIMARY KEY, seit date);
CREATE TABLE laden.konten (id uuid PRIMARY KEY, email text UNIQUE, name text);
CREATE TABLE laden.geraete (id int PRIMARY KEY, konto uuid, kennung text);         -- the uuid alone tells whose
CREATE TABLE laden.filialen (id int PRIMARY KEY, name text, billing_email text);
CREATE MATERIALIZED VIEW laden.adressliste AS SELECT email, nachname FROM laden.kunden;

INSERT INTO laden.mandanten VALUES (1, 'Nord'), (2, 'Süd');
INSERT INTO laden.kunden VALUES
  (1, 7, 'Ada@Example.com', 'Ada', 'Lovelace', '+49 170 1234567', '1815-12-10', NULL, NULL), (2, 7, 'other@example.com', 'Otto', 'Anders', NULL, NULL, NULL, NULL),
  (1, 8, 'bob@example.com', 'Bob', 'Byron', NULL, NULL, 7, NULL);
INSERT INTO laden.bestellungen VALUES (100, 1, 7, 8, 'bitte bei Ada Lovelace klingeln'), (101, 1, 8, 7, 'eilig'), (102, 2, 7, NULL, 'fremd');
UPDATE laden.kunden SET letzte_bestellung = 100 WHERE mandant = 1 AND nummer = 7;
INSERT INTO laden.positionen VALUES (100, 1, 'Buch', NULL), (100, 2, 'Heft', 1), (102, 1, 'Tasse', NULL);
CREATE TABLE laden.rechnungen (id int PRIMARY KEY, mandant int NOT NULL, kunde bigint NOT NULL, betrag numeric, empfaenger_email text, anschrift text NOT NULL,
  FOREIGN KEY (mandant, kunde) REFERENCES laden.kunden);
INSERT INTO laden.wunschlisten VALUES (1, 1, 7), (2, 2, 7);
INSERT INTO laden.nachrichten VALUES ('2025-05-05', 'ada@example.com', 'Hallo'), ('2026-05-05', 'bob@example.com', 'Frag ADA@example.com oder +49 (170) 123-4567'), ('2026-05-06', 'xada@example.com', 'an xada@example.com');
INSERT INTO laden.ereignisse (daten, schlagworte) VALUES
  ('{"typ": "klick", "nutzer": {"email": "ada@example.com", "vorname": "Ada", "alter": 36}}', '{a}'), ('{"url": "/x?email=eq.ada%40example.com&y=1"}', '{ada@example.com,b}'), ('{"email": "ada@example.community"}', '{}');
INSERT INTO laden."Newsletter" VALUES ('ada@example.com', '2024-01-01'), ('bob@example.com', '2024-01-01');
INSERT INTO laden.konten VALUES ('00000000-0000-4000-8000-00000000ada0', 'ada@example.com', 'Ada Lovelace'), ('00000000-0000-4000-8000-00000000b0b0', 'bob@example.com', 'Bob');
INSERT INTO laden.geraete VALUES (1, '00000000-0000-4000-8000-00000000ada0', 'x'), (2, '00000000-0000-4000-8000-00000000b0b0', 'y');
INSERT INTO laden.filialen VALUES (1, 'Hamburg', 'ada@example.com');
REFRESH MATERIALIZED VIEW laden.adressliste;

-- Her phone alone, in a log of calls and in another's text; of one who shares it.
CREATE TABLE laden.anrufe (id int PRIMARY KEY, nummer text, dauer int);
INSERT INTO laden.anrufe VALUES (1, '0170/1234567', 60), (2, '0170 12345678', 61), (3, '+43 660 1234567', 62);
INSERT INTO laden.nachrichten VALUES ('2026-06-06', 'bob@example.com', 'Rückruf 0049 (0)170-123 45 67 bitte');
INSERT INTO laden.kunden VALUES (2, 9, 'gatte@example.com', 'William', 'King', '0170 1234567', NULL, NULL, NULL);

-- And the tables of the sidecar's own project.
INSERT INTO public.customer_profiles (id, email, name) VALUES ('00000000-0000-4000-8000-0000000c0001', 'ada@example.com', 'Ada Lovelace'), ('00000000-0000-4000-8000-0000000c0002', 'bob@shop.test', 'Bob');
INSERT INTO public.conversations (id, customer_id, user_name, user_email) VALUES
  ('00000000-0000-4000-8000-0000000d0001', '00000000-0000-4000-8000-0000000c0001', 'Ada Lovelace', 'ada@example.com'), ('00000000-0000-4000-8000-0000000d0002', '00000000-0000-4000-8000-0000000c0002', 'Bob', 'bob@shop.test');
INSERT INTO public.data_consent (customer_id, consent_type, consent_given, ip_address) VALUES ('00000000-0000-4000-8000-0000000c0001', 'marketing', true, '203.0.113.9');
