-- Fractions that came since would be lost.
DO $check$
BEGIN
  IF current_setting('romashka.with_data', true) IS DISTINCT FROM 'on'
     AND EXISTS (SELECT FROM public.conversation_analytics WHERE customer_satisfaction <> round(customer_satisfaction)) THEN
    RAISE EXCEPTION 'column public.conversation_analytics.customer_satisfaction has fractions'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Go down with data (--with-data) to round them.';
  END IF;
END
$check$;
ALTER TABLE public.conversation_analytics ALTER COLUMN customer_satisfaction TYPE integer USING round(customer_satisfaction)::integer;
