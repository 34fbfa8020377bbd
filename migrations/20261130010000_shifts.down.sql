SELECT romashka.refuse_rows('public.agent_shifts');
DROP TABLE IF EXISTS public.agent_shifts;
DELETE FROM romashka.permissions WHERE permission = 'staffing:write';
