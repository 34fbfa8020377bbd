-- Times that were noted are true and stay.
DROP TRIGGER IF EXISTS romashka_repair_note_first_response ON public.messages;
DROP FUNCTION IF EXISTS romashka.repair_note_first_response();
