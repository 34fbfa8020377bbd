-- Written by `make generate` from migrations/20261129170300_figure_alerts.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129170300) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Nobody looks at a page all day. Figures that leave what was set, or what was to be
-- expected, are told: the job alerts looks every 20 seconds, and keeps for each rule
-- in which state it is, so that one that hovers about its limit is told once.
CREATE TABLE IF NOT EXISTS romashka.figure_alerts (
  key        text PRIMARY KEY,   -- of the rule
  title      text NOT NULL,
  state      text NOT NULL DEFAULT 'quiet' CHECK (state IN ('quiet', 'near', 'firing')), -- near: beyond, but not for long enough
  value      numeric,
  basis      text,               -- what the limit rests on, or why there is no value
  changed_at timestamptz NOT NULL DEFAULT now(), -- since when it is in this state
  back_since timestamptz,        -- firing, and back since
  looked_at  timestamptz NOT NULL DEFAULT now(),
  fired      integer NOT NULL DEFAULT 0          -- how often
);
COMMENT ON TABLE romashka.figure_alerts IS 'The rules on figures, and in which state each is';
ALTER TABLE romashka.figure_alerts ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.figure_alerts FROM PUBLIC, anon, authenticated, service_role;
DROP POLICY IF EXISTS "Only the owner" ON romashka.figure_alerts;
CREATE POLICY "Only the owner" ON romashka.figure_alerts FOR ALL TO authenticated USING (false);

-- The base keeps no history of how many wait.
CREATE TABLE IF NOT EXISTS romashka.queue_hours (
  hour    timestamptz PRIMARY KEY,
  waiting integer NOT NULL -- the most at once
);
COMMENT ON TABLE romashka.queue_hours IS 'How many customers waited at most in each hour; kept for 90 days';
ALTER TABLE romashka.queue_hours ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.queue_hours FROM PUBLIC, anon, authenticated, service_role;
DROP POLICY IF EXISTS "Only the owner" ON romashka.queue_hours;
CREATE POLICY "Only the owner" ON romashka.queue_hours FOR ALL TO authenticated USING (false);

INSERT INTO romashka.jobs (name, every, function) VALUES ('alerts', '20 seconds', 'job_alerts') ON CONFLICT (name) DO NOTHING;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129170300, 'figure_alerts', '692c574e9f85e749b41e02fccbbb91d19eab545e6c6d48caa0f95160f140cd9a', now());
END
$romashka$;
