-- Purpose: when these checks ran last, by their own results.
-- Parameters: @checks. Read only.
-- Needs: public.compliance_results
WITH newest AS (
  SELECT c.name, (SELECT max(r.checked_at) FROM public.compliance_results AS r WHERE r.check_name = c.name AND r.origin = 'romashka') AS at
  FROM unnest(@checks::text[]) AS c (name)
), counted AS (
  SELECT count(*) AS n, count(*) FILTER (WHERE at IS NULL) AS never, count(*) FILTER (WHERE at < now() - interval '2 days') AS late, min(at) AS oldest, max(at) AS latest FROM newest
)
SELECT CASE WHEN never = n OR late + never = n AND latest < now() - interval '7 days' THEN 'error' ELSE 'warning' END AS severity,
       'table public.compliance_results' AS object, 'public.compliance_results' AS relation,
       'checks have not run for more than two days' AS fault,
       format('%s of %s checks never ran, %s ran last more than two days ago; oldest %s', never, n, late, COALESCE(date_trunc('minute', oldest)::text, 'none')) AS evidence,
       'romashka compliance run; -- each day: set romashka-jobs, SELECT name, next_run, last_failure FROM romashka.jobs WHERE name = ''compliance'';' AS remedy
FROM counted
WHERE never + late > 0
