-- Found while following the log: rows are committed in another order than their
-- times or ids say, so that any mark of "read up to here" loses some. A clock
-- that is ahead would move such a mark by a year.
--
-- Mend: each row says in which transaction it came. A snapshot of PostgreSQL
-- names the transactions that were over when it was taken; new rows are those
-- that the last one did not see. Older rows keep NULL, and no row is rewritten.
ALTER TABLE public.api_security_logs ADD COLUMN IF NOT EXISTS arrived xid8;
ALTER TABLE public.api_security_logs ALTER COLUMN arrived SET DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS idx_api_security_logs_arrived ON public.api_security_logs (arrived) WHERE arrived IS NOT NULL;
COMMENT ON COLUMN public.api_security_logs.arrived IS 'Transaction in which the row came: detection follows the log by it';
ALTER TABLE public.security_sessions ADD COLUMN IF NOT EXISTS arrived xid8;
ALTER TABLE public.security_sessions ALTER COLUMN arrived SET DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS idx_security_sessions_arrived ON public.security_sessions (arrived) WHERE arrived IS NOT NULL;
COMMENT ON COLUMN public.security_sessions.arrived IS 'Transaction in which the row came: detection follows sessions by it';

-- Detection reads sessions by their begin.
CREATE INDEX IF NOT EXISTS idx_security_sessions_created_at ON public.security_sessions (created_at);

-- The progress of detection: the rows it has read, and its state between runs.
-- One row.
CREATE TABLE IF NOT EXISTS romashka.detection (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  seen    pg_snapshot NOT NULL,
  settled timestamptz,
  version integer NOT NULL DEFAULT 0,
  memory  bytea,
  told_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.detection IS 'How far detection has read the log, and what it remembers of users; written with the incidents, in one transaction';
ALTER TABLE romashka.detection ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.detection;
CREATE POLICY "Only the owner" ON romashka.detection FOR ALL TO authenticated USING (false);
REVOKE ALL ON romashka.detection FROM PUBLIC;
