-- Purpose: stores the results of a run, one row for each check and framework.
-- Parameters: $1 json array of lines, $2 interval until a result is due again, $3
-- text[] checks that a remedy was applied to before they passed.
-- Run by: every role that may insert; origin "romashka" is kept only for a login
-- in its own name and the table's owner.
INSERT INTO public.compliance_results
  (check_name, compliance_type, article, status, severity, details, remediation_steps, waived, origin, checked_at, next_check_due, auto_remediated)
SELECT l.check, l.framework, l.article, l.status, l.severity, l.details,
       ARRAY(SELECT jsonb_array_elements_text(l.remediation)), l.waived, 'romashka', now(), now() + $2::interval, l.status = 'passed' AND l.check = ANY ($3::text[])
FROM jsonb_to_recordset($1::jsonb) AS l ("check" text, framework text, article text, status text, severity text, details jsonb, remediation jsonb, waived boolean)
