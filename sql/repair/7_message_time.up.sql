-- Messages are found by their time
CREATE INDEX IF NOT EXISTS romashka_messages_created_at ON public.messages (created_at);
