-- The faults of the trail beside the chain.
-- Returns seq or NULL, line or NULL, fault.
-- Run by: the login of the command line.
SELECT seq, line_id::text, fault FROM romashka.audit_loose()
