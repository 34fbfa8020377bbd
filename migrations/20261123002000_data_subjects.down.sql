SELECT romashka.refuse_rows('public.data_consent');
SELECT romashka.refuse_rows('public.data_subject_requests');
DROP TABLE IF EXISTS public.data_consent;
DROP TABLE IF EXISTS public.data_subject_requests;
