-- Names the checkpoint behind which retention is to cut.
-- Returns seq and hash; no row where nothing is to be cut.
-- Run by: the login of background work.
SELECT seq, hash FROM romashka.audit_cut_due()
