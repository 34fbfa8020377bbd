DROP TRIGGER IF EXISTS romashka_stamp_origin ON public.compliance_results;
DROP FUNCTION IF EXISTS romashka.stamp_origin();
DROP INDEX IF EXISTS public.idx_compliance_results_own;
ALTER TABLE public.compliance_results
  DROP COLUMN IF EXISTS origin,
  DROP COLUMN IF EXISTS waived,
  DROP COLUMN IF EXISTS article;
