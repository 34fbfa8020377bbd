-- Purpose: customers of whom no record says on which basis their data is
-- processed, and consents that have run out and still count.
-- Parameters: none. Read only.
-- Needs: public.customer_profiles, public.data_consent
SELECT CASE WHEN missing * 20 > n THEN 'error' ELSE 'warning' END AS severity,
       'table public.data_consent' AS object, 'public.data_consent' AS relation,
       'no record says on which basis customers'' data is processed' AS fault,
       format('%s of %s customers have no record', missing, n) AS evidence,
       'INSERT INTO public.data_consent (customer_id, consent_type, consent_given, consent_method, purpose, legal_basis) SELECT c.id, ''essential'', true, ''...'', ''...'', ''contract'' FROM public.customer_profiles AS c WHERE NOT EXISTS (SELECT FROM public.data_consent AS d WHERE d.customer_id = c.id); -- with what was really agreed' AS remedy
FROM (
  SELECT count(*) AS n, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM public.data_consent AS d WHERE d.customer_id = c.id)) AS missing
  FROM public.customer_profiles AS c
) AS counted
WHERE missing > 0
UNION ALL
SELECT 'warning', 'table public.data_consent', 'public.data_consent', 'consents have run out and still count as given',
       format('%s consents', count(*)),
       'UPDATE public.data_consent SET consent_given = false WHERE consent_given AND expiry_date < now() AND withdrawal_date IS NULL; -- or ask again'
FROM public.data_consent
WHERE consent_given AND withdrawal_date IS NULL AND expiry_date < now()
HAVING count(*) > 0
