-- Purpose: the deployed functions and triggers around conversations, with
-- their defects: code that is to run beside them must be tested beside them.
-- A defect is marked DEFECT and kept. Run by: supabase_admin, once per database.

SET LOCAL ROLE postgres;
SET LOCAL search_path = public, extensions;

CREATE FUNCTION public.update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at = now();
  RETURN NEW;
END
$$;

CREATE FUNCTION public.auto_assign_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free_agent uuid;
BEGIN
  IF NEW.assigned_agent_id IS NULL AND NEW.status = 'active' THEN
    SELECT agent_id INTO free_agent
      FROM agent_availability
     WHERE is_online AND status = 'available' AND current_chat_count < max_concurrent_chats
     ORDER BY current_chat_count, last_activity DESC
     LIMIT 1;
    IF free_agent IS NOT NULL THEN
      NEW.assigned_agent_id = free_agent;
      UPDATE agent_availability SET current_chat_count = current_chat_count + 1 WHERE agent_id = free_agent;
    END IF;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION public.update_agent_chat_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was_open CONSTANT boolean := OLD.status IN ('active', 'escalated');
  is_open  CONSTANT boolean := NEW.status IN ('active', 'escalated');
BEGIN
  IF was_open AND NEW.status IN ('resolved', 'closed') AND OLD.assigned_agent_id IS NOT NULL THEN
    UPDATE agent_availability SET current_chat_count = greatest(current_chat_count - 1, 0)
     WHERE agent_id = OLD.assigned_agent_id;
  END IF;
  IF is_open AND OLD.status IN ('resolved', 'closed') AND NEW.assigned_agent_id IS NOT NULL THEN
    UPDATE agent_availability SET current_chat_count = current_chat_count + 1
     WHERE agent_id = NEW.assigned_agent_id;
  END IF;
  IF OLD.assigned_agent_id <> NEW.assigned_agent_id THEN -- neither is NULL
    UPDATE agent_availability SET current_chat_count = greatest(current_chat_count - 1, 0)
     WHERE agent_id = OLD.assigned_agent_id;
    UPDATE agent_availability SET current_chat_count = current_chat_count + 1
     WHERE agent_id = NEW.assigned_agent_id;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION public.update_customer_stats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE customer_profiles
       SET total_conversations = total_conversations + 1, last_interaction = NEW.created_at
     WHERE id = NEW.customer_id;
  ELSIF OLD.satisfaction_score IS NULL AND NEW.satisfaction_score IS NOT NULL THEN
    UPDATE customer_profiles
       SET avg_satisfaction = (SELECT avg(satisfaction_score) FROM conversations WHERE customer_id = NEW.customer_id)
     WHERE id = NEW.customer_id;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION public.create_conversation_analytics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversation_analytics
    (conversation_id, started_at, total_messages, customer_messages, ai_messages, agent_messages)
  VALUES (NEW.id, NEW.created_at, 0, 0, 0, 0);
  RETURN NEW;
END
$$;

-- DEFECT: resolved_by and resolution_type are variables and columns at once,
-- and conversation_analytics has no updated_at. So every move of a
-- conversation to resolved or closed fails with 42702.
CREATE FUNCTION public.finalize_conversation_analytics() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  first_response_time integer;
  total_duration integer;
  resolution_type varchar(50);
  resolved_by varchar(20);
BEGIN
  IF NEW.status IN ('resolved', 'closed') AND OLD.status NOT IN ('resolved', 'closed') THEN
    SELECT extract(epoch FROM (created_at - NEW.created_at))::integer INTO first_response_time
      FROM messages
     WHERE conversation_id = NEW.id AND sender_type IN ('ai', 'agent')
     ORDER BY created_at
     LIMIT 1;
    total_duration = extract(epoch FROM (now() - NEW.created_at))::integer;
    resolution_type = CASE NEW.status WHEN 'resolved' THEN 'solved' ELSE 'closed' END;
    resolved_by = CASE WHEN NEW.assigned_agent_id IS NOT NULL THEN 'agent' ELSE 'ai' END;
    UPDATE conversation_analytics
       SET resolved_at = now(),
           total_duration_seconds = total_duration,
           resolved_by = resolved_by,
           resolution_type = resolution_type,
           customer_satisfaction = NEW.satisfaction_score,
           updated_at = now()
     WHERE conversation_id = NEW.id;
    UPDATE conversations SET resolution_time_seconds = total_duration, resolved_at = now() WHERE id = NEW.id;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION public.update_conversation_analytics() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  message messages;
  step integer := 1;
BEGIN
  IF TG_OP = 'DELETE' THEN
    message = OLD;
    step = -1;
  ELSE
    message = NEW;
  END IF;
  UPDATE conversation_analytics
     SET total_messages    = greatest(total_messages + step, 0),
         customer_messages = greatest(customer_messages + CASE message.sender_type WHEN 'user' THEN step ELSE 0 END, 0),
         ai_messages       = greatest(ai_messages + CASE message.sender_type WHEN 'ai' THEN step ELSE 0 END, 0),
         agent_messages    = greatest(agent_messages + CASE message.sender_type WHEN 'agent' THEN step ELSE 0 END, 0)
   WHERE conversation_id = message.conversation_id;
  RETURN message;
END
$$;

-- DEFECT: adds 1 to message_count, and so does handle_new_message.
CREATE FUNCTION public.update_conversation_message_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE conversations
       SET message_count = message_count + 1, last_message_at = NEW.created_at, last_message = left(NEW.content, 200)
     WHERE id = NEW.conversation_id;
    RETURN NEW;
  END IF;
  UPDATE conversations c
     SET message_count = greatest(message_count - 1, 0),
         (last_message, last_message_at) = (
           SELECT left(m.content, 200), m.created_at FROM messages m
            WHERE m.conversation_id = c.id ORDER BY m.created_at DESC LIMIT 1)
   WHERE c.id = OLD.conversation_id;
  RETURN OLD;
END
$$;

-- DEFECT: see update_conversation_message_count.
CREATE FUNCTION public.handle_new_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  talk conversations;
BEGIN
  UPDATE conversations
     SET last_message = NEW.content, last_message_at = NEW.created_at,
         message_count = coalesce(message_count, 0) + 1, updated_at = now()
   WHERE id = NEW.conversation_id
  RETURNING * INTO talk;

  IF NEW.sender_type = 'user' AND talk.status = 'active' AND talk.requires_human IS NOT TRUE THEN
    INSERT INTO ai_response_queue (conversation_id, message_id, user_message, priority, process_after)
    VALUES (NEW.conversation_id, NEW.id, NEW.content,
            CASE talk.priority WHEN 'urgent' THEN 1 WHEN 'high' THEN 2 WHEN 'normal' THEN 3 ELSE 4 END,
            now() + interval '1 second');
  END IF;

  UPDATE customer_profiles
     SET last_interaction = NEW.created_at,
         total_conversations = (
           SELECT count(DISTINCT m.conversation_id) FROM messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE c.customer_id = talk.customer_id)
   WHERE id = talk.customer_id;

  INSERT INTO realtime_metrics (metric_name, metric_value, dimensions)
  VALUES ('message_received', 1, jsonb_build_object(
    'conversation_id', NEW.conversation_id, 'channel_type', NEW.channel_type,
    'sender_type', NEW.sender_type, 'message_length', length(NEW.content)));
  RETURN NEW;
END
$$;

-- DEFECTS: department stays NULL, so that ON CONFLICT never finds a row and a
-- second run doubles all; one row per channel and agent, never 'all'.
CREATE FUNCTION public.aggregate_daily_metrics() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  metric_date CONSTANT date := current_date - 1;
BEGIN
  INSERT INTO daily_metrics
    (date, channel_type, agent_id, total_conversations, ai_resolved_conversations, human_resolved_conversations,
     avg_first_response_time_seconds, avg_resolution_time_seconds, avg_satisfaction_score)
  SELECT metric_date, c.channel_type, c.assigned_agent_id,
         count(*),
         count(*) FILTER (WHERE c.assigned_agent_id IS NULL),
         count(*) FILTER (WHERE c.assigned_agent_id IS NOT NULL),
         avg(extract(epoch FROM (first_answer.at - c.created_at)))::integer,
         avg(c.resolution_time_seconds),
         avg(c.satisfaction_score)
    FROM conversations c
    LEFT JOIN (SELECT conversation_id, min(created_at) AS at FROM messages
                WHERE sender_type IN ('ai', 'agent') GROUP BY conversation_id) first_answer
      ON first_answer.conversation_id = c.id
   WHERE c.created_at::date = metric_date
   GROUP BY c.channel_type, c.assigned_agent_id
  ON CONFLICT (date, channel_type, department, agent_id) DO UPDATE
    SET total_conversations = excluded.total_conversations,
        ai_resolved_conversations = excluded.ai_resolved_conversations,
        human_resolved_conversations = excluded.human_resolved_conversations,
        avg_first_response_time_seconds = excluded.avg_first_response_time_seconds,
        avg_resolution_time_seconds = excluded.avg_resolution_time_seconds,
        avg_satisfaction_score = excluded.avg_satisfaction_score;
END
$$;

CREATE FUNCTION public.cleanup_expired_metrics() RETURNS void LANGUAGE sql AS $$
  DELETE FROM realtime_metrics WHERE expires_at < now();
$$;

CREATE FUNCTION public.get_next_ai_response_job()
RETURNS TABLE (job_id uuid, conversation_id uuid, message_id uuid, user_message text,
               conversation_context jsonb, customer_profile jsonb, priority integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  job uuid;
BEGIN
  SELECT q.id INTO job FROM ai_response_queue q
   WHERE q.status = 'pending' AND q.process_after <= now() AND q.retry_count < q.max_retries
   ORDER BY q.priority, q.created_at
   LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF job IS NULL THEN
    RETURN;
  END IF;
  UPDATE ai_response_queue SET status = 'processing', processed_at = now() WHERE id = job;
  RETURN QUERY
  SELECT q.id, q.conversation_id, q.message_id, q.user_message,
         jsonb_build_object('channel_type', c.channel_type, 'language', c.language, 'priority', c.priority,
           'department', c.department, 'intent', c.intent, 'sentiment', c.sentiment, 'message_count', c.message_count),
         jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email, 'phone', p.phone,
           'total_conversations', p.total_conversations, 'satisfaction_rating', p.satisfaction_rating,
           'preferences', p.preferences),
         q.priority
    FROM ai_response_queue q
    JOIN conversations c ON c.id = q.conversation_id
    LEFT JOIN customer_profiles p ON p.id = c.customer_id
   WHERE q.id = job;
END
$$;

CREATE TRIGGER update_profiles_updated_at BEFORE UPDATE ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER update_customer_profiles_updated_at BEFORE UPDATE ON public.customer_profiles
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER update_messages_updated_at BEFORE UPDATE ON public.messages
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER update_agent_availability_updated_at BEFORE UPDATE ON public.agent_availability
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER update_agent_work_logs_updated_at BEFORE UPDATE ON public.agent_work_logs
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

CREATE TRIGGER update_conversations_updated_at BEFORE UPDATE ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER trigger_auto_assign_conversation BEFORE INSERT ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.auto_assign_conversation();
CREATE TRIGGER trigger_create_conversation_analytics AFTER INSERT ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.create_conversation_analytics();
CREATE TRIGGER trigger_finalize_conversation_analytics AFTER UPDATE ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.finalize_conversation_analytics();
CREATE TRIGGER trigger_update_agent_chat_count AFTER UPDATE ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.update_agent_chat_count();
CREATE TRIGGER trigger_update_customer_stats AFTER INSERT OR UPDATE ON public.conversations
  FOR EACH ROW EXECUTE FUNCTION public.update_customer_stats();

CREATE TRIGGER trigger_handle_new_message AFTER INSERT ON public.messages
  FOR EACH ROW EXECUTE FUNCTION public.handle_new_message();
CREATE TRIGGER trigger_update_conversation_analytics AFTER INSERT OR DELETE ON public.messages
  FOR EACH ROW EXECUTE FUNCTION public.update_conversation_analytics();
CREATE TRIGGER trigger_update_conversation_message_count AFTER INSERT OR DELETE ON public.messages
  FOR EACH ROW EXECUTE FUNCTION public.update_conversation_message_count();

RESET ROLE;
