DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.compliance_results WHERE check_id IS NOT NULL OR remediation_actions <> '{}') THEN
    PERFORM romashka.refuse_rows('public.compliance_results');
  END IF;
  IF EXISTS (SELECT FROM public.compliance_checks WHERE updated_at <> created_at) THEN
    PERFORM romashka.refuse_rows('public.compliance_checks');
  END IF;
END
$check$;
DROP POLICY IF EXISTS "Admins file compliance results" ON public.compliance_results;
REVOKE INSERT ON public.compliance_results FROM authenticated;
DROP TRIGGER IF EXISTS romashka_keep_result_in_step ON public.compliance_results;
DROP FUNCTION IF EXISTS romashka.keep_result_in_step();
ALTER TABLE public.compliance_results
  DROP COLUMN IF EXISTS check_id,
  DROP COLUMN IF EXISTS result_details,
  DROP COLUMN IF EXISTS recommendations,
  DROP COLUMN IF EXISTS remediation_actions;
DROP TABLE IF EXISTS public.compliance_checks;
