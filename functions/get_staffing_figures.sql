-- function: public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)
-- Purpose: how many agents a volume needs, and the service they reach.
-- Parameters: contacts in the interval; mean handling time in seconds; length of
--   the interval in seconds; share of contacts to be answered, and in how many
--   seconds; cap of occupancy; shrinkage; mean patience in seconds, NULL where
--   nobody leaves; contacts that an agent handles in the time of one (1, 1.7, 2.5,
--   2.9, 3.5 for 1 to 5 chats); a number of agents, NULL for the smallest one that
--   meets the targets.
-- Rows: one object {model, offered_load, agents, rostered, service_level,
--   asa_seconds, occupancy, p_wait, p_abandon, stable}; NULL without a volume or a
--   handling time.
-- Who: signed-in users. It reads nothing. The body is bound when it is made, so
--   that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_staffing_figures(
  volume numeric, aht_seconds numeric, interval_seconds numeric DEFAULT 3600, service_level numeric DEFAULT 0.8, answer_seconds numeric DEFAULT 20,
  max_occupancy numeric DEFAULT 0.85, shrinkage numeric DEFAULT 0.3, patience_seconds numeric DEFAULT NULL, concurrency_factor numeric DEFAULT 1,
  agents integer DEFAULT NULL)
RETURNS jsonb LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.erlang_figures(volume, aht_seconds, interval_seconds, service_level, answer_seconds, max_occupancy, shrinkage, patience_seconds,
    concurrency_factor, agents);
END;

REVOKE ALL ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) IS 'How many agents a volume needs, and the service they reach';
