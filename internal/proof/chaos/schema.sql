-- The tables and functions of the fault harness's clients. Users are 1 to 64; user n is
-- 00000000-0000-4000-8000-00000000000n.
CREATE SCHEMA chaos;
GRANT USAGE ON SCHEMA chaos TO anon, authenticated, service_role;

-- Each user has twenty; none may see another's.
CREATE TABLE chaos.notes (id integer PRIMARY KEY, owner uuid NOT NULL, content text NOT NULL);
CREATE INDEX ON chaos.notes (owner);
ALTER TABLE chaos.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON chaos.notes TO authenticated USING (owner = (SELECT auth.uid()));
GRANT SELECT ON chaos.notes TO authenticated;
INSERT INTO chaos.notes
SELECT 100 * n + i, owner, owner || '/' || i
FROM (SELECT n, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid AS owner FROM generate_series(1, 64) n) u,
     generate_series(1, 20) i;

-- The client chooses the id. It is not unique, so that a write done twice shows.
CREATE TABLE chaos.ledger (id text NOT NULL, owner uuid NOT NULL DEFAULT auth.uid());
ALTER TABLE chaos.ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON chaos.ledger TO authenticated USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
GRANT SELECT, INSERT ON chaos.ledger TO authenticated;

CREATE TABLE chaos.counters (owner uuid PRIMARY KEY, n bigint NOT NULL DEFAULT 0);
INSERT INTO chaos.counters SELECT DISTINCT owner FROM chaos.notes;
ALTER TABLE chaos.counters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON chaos.counters TO authenticated USING (owner = (SELECT auth.uid()));
GRANT SELECT, UPDATE ON chaos.counters TO authenticated;

-- 60 MB in as many rows as a page may have, for readers that do not read.
CREATE TABLE chaos.archive AS SELECT g AS id, repeat('x', 60000) AS content FROM generate_series(1, 1000) g;
GRANT SELECT ON chaos.archive TO authenticated;

CREATE FUNCTION chaos.bump() RETURNS bigint LANGUAGE sql VOLATILE SET search_path = ''
AS $$ UPDATE chaos.counters SET n = n + 1 WHERE owner = (SELECT auth.uid()) RETURNING n $$;

CREATE FUNCTION chaos.whoami() RETURNS uuid LANGUAGE sql STABLE SET search_path = ''
AS $$ SELECT auth.uid() $$;

CREATE FUNCTION chaos.nap(seconds double precision) RETURNS uuid LANGUAGE sql VOLATILE SET search_path = ''
AS $$ SELECT auth.uid() FROM pg_catalog.pg_sleep(seconds) $$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA chaos TO authenticated;
