-- Purpose: the tables that ROMASHKA's project already has, as dumped from the
-- deployed database in July 2025. If the dump was cut off, the columns are
-- those of the front end's own migrations; "assumed" marks columns that neither names.
-- Run by: supabase_admin, once per database. Everything belongs to postgres,
-- who ran the project's migrations. Grants are in 80_base_grants.sql.

SET LOCAL ROLE postgres;
SET LOCAL search_path = public, extensions;

CREATE TABLE public.profiles (
  id                      uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  email                   varchar(255), -- neither unique nor NOT NULL there: a skipped onboarding leaves it out
  full_name               text,
  company_name            text,
  website_url             text,
  avatar_url              text,
  role                    varchar(50) DEFAULT 'user', -- admin, agent, user
  timezone                varchar(50) DEFAULT 'UTC',
  language                varchar(10) DEFAULT 'en',
  onboarding_completed    boolean DEFAULT false,
  onboarding_skipped      boolean DEFAULT false,
  onboarding_completed_at timestamptz,
  onboarding_data         jsonb DEFAULT '{}',
  settings                jsonb DEFAULT '{}',
  -- assumed types: the onboarding page writes these
  platform                text,
  monthly_conversations   text,
  website_traffic         text,
  team_size               text,
  department              text,
  current_tools           text[],
  industry                text,
  main_goal               text,
  created_at              timestamptz DEFAULT now(),
  updated_at              timestamptz DEFAULT now()
);

CREATE TABLE public.customer_profiles (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email               varchar(255) UNIQUE,
  name                varchar(255),
  phone               varchar(50) UNIQUE,
  company             varchar(255),
  location            varchar(255),
  timezone            varchar(50) DEFAULT 'UTC',
  language            varchar(10) DEFAULT 'en',
  tags                text[] DEFAULT '{}',
  custom_fields       jsonb DEFAULT '{}',
  total_conversations integer DEFAULT 0,
  avg_satisfaction    numeric(3,2) DEFAULT 0,
  satisfaction_rating numeric(3,2), -- assumed type
  preferences         jsonb DEFAULT '{}',
  first_interaction   timestamptz DEFAULT now(),
  last_interaction    timestamptz,
  notes               text,
  status              varchar(50) DEFAULT 'active',
  created_at          timestamptz DEFAULT now(),
  updated_at          timestamptz DEFAULT now()
);

CREATE TABLE public.conversations (
  id                       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id              uuid REFERENCES public.customer_profiles (id) ON DELETE CASCADE,
  user_name                varchar(255),
  user_email               varchar(255),
  assigned_agent_id        uuid, -- without a foreign key: the one to profiles was lost
  status                   varchar(50) DEFAULT 'active',
  priority                 varchar(20) DEFAULT 'normal',
  channel_type             varchar(50) DEFAULT 'website',
  created_at               timestamptz DEFAULT now(),
  updated_at               timestamptz DEFAULT now(),
  last_message_at          timestamptz DEFAULT now(),
  resolved_at              timestamptz,
  message_count            integer DEFAULT 0,
  workflow_id              uuid,
  language                 varchar(10) DEFAULT 'en',
  sentiment                varchar(20),
  intent                   varchar(100),
  ai_confidence            numeric(3,2),
  business_context         jsonb DEFAULT '{}',
  last_message             text,
  satisfaction_score       numeric(3,2),
  resolution_time_seconds  integer,
  handoff_reason           text,
  department               varchar(100) DEFAULT 'general',
  tags                     text[] DEFAULT '{}',
  channel_id               uuid,
  external_conversation_id varchar(255),
  customer_phone           varchar(50),
  customer_social_id       varchar(255),
  satisfaction_rating      integer CONSTRAINT satisfaction_rating_check CHECK (satisfaction_rating >= 1 AND satisfaction_rating <= 5),
  customer_name            varchar(255),
  requires_human           boolean DEFAULT false,
  escalation_reason        text
);
CREATE INDEX idx_conversations_customer_id ON public.conversations (customer_id);
CREATE INDEX idx_conversations_agent_id ON public.conversations (assigned_agent_id);
CREATE INDEX idx_conversations_status ON public.conversations (status);

CREATE TABLE public.messages (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id     uuid REFERENCES public.conversations (id) ON DELETE CASCADE,
  sender_type         varchar(20) NOT NULL, -- user, ai, agent
  sender_id           uuid REFERENCES public.profiles (id),
  content             text NOT NULL,
  channel_type        varchar(50) DEFAULT 'website',
  message_type        varchar(50) DEFAULT 'text',
  delivery_status     varchar(20) DEFAULT 'sent', -- assumed default
  status              varchar(20) DEFAULT 'sent', -- after the dump, with the chat widget
  metadata            jsonb DEFAULT '{}',
  confidence_score    numeric(3,2),
  processing_time_ms  integer,
  intent_detected     varchar(100),
  knowledge_sources   jsonb DEFAULT '{}',
  tokens_used         integer,
  external_message_id varchar(255),
  media_url           text,
  media_caption       text,
  created_at          timestamptz DEFAULT now(),
  updated_at          timestamptz DEFAULT now()
);
CREATE INDEX idx_messages_conversation_id ON public.messages (conversation_id);

-- Exactly these 21 columns, all timestamps without time zone, and no foreign
-- key to conversations.
CREATE TABLE public.conversation_analytics (
  id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id        uuid UNIQUE,
  started_at             timestamp without time zone NOT NULL,
  first_response_at      timestamp without time zone,
  resolved_at            timestamp without time zone,
  total_duration_seconds integer,
  total_messages         integer DEFAULT 0,
  customer_messages      integer DEFAULT 0,
  ai_messages            integer DEFAULT 0,
  agent_messages         integer DEFAULT 0,
  resolved_by            varchar(20),
  resolution_type        varchar(50),
  handoff_count          integer DEFAULT 0,
  agent_switches         integer DEFAULT 0,
  customer_satisfaction  integer,
  ai_accuracy_score      numeric(3,2),
  knowledge_items_used   integer DEFAULT 0,
  lead_qualified         boolean DEFAULT false,
  revenue_generated      numeric(10,2) DEFAULT 0,
  follow_up_required     boolean DEFAULT false,
  created_at             timestamp without time zone DEFAULT now()
);

CREATE TABLE public.daily_metrics (
  id                              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  date                            date NOT NULL,
  channel_type                    varchar(50),
  department                      varchar(100),
  agent_id                        uuid REFERENCES public.profiles (id),
  total_conversations             integer DEFAULT 0,
  ai_resolved_conversations       integer DEFAULT 0,
  human_resolved_conversations    integer DEFAULT 0,
  abandoned_conversations         integer DEFAULT 0,
  avg_first_response_time_seconds integer DEFAULT 0,
  avg_resolution_time_seconds     integer DEFAULT 0,
  total_ratings                   integer DEFAULT 0,
  avg_satisfaction_score          numeric(3,2) DEFAULT 0,
  ai_confidence_avg               numeric(3,2) DEFAULT 0,
  ai_accuracy_rate                numeric(3,2) DEFAULT 0,
  handoff_rate                    numeric(3,2) DEFAULT 0,
  leads_generated                 integer DEFAULT 0,
  sales_qualified_leads           integer DEFAULT 0,
  revenue_attributed              numeric(10,2) DEFAULT 0,
  created_at                      timestamptz DEFAULT now(),
  UNIQUE (date, channel_type, department, agent_id)
);
CREATE INDEX idx_daily_metrics_date ON public.daily_metrics (date);

CREATE TABLE public.realtime_metrics (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  metric_name  varchar(100) NOT NULL,
  metric_value numeric(15,4) NOT NULL,
  dimensions   jsonb DEFAULT '{}',
  timestamp    timestamptz DEFAULT now(),
  expires_at   timestamptz DEFAULT now() + interval '1 hour'
);
CREATE INDEX idx_realtime_metrics_expires_at ON public.realtime_metrics (expires_at);

CREATE TABLE public.agent_availability (
  id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_id             uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  is_online            boolean DEFAULT false,
  status               varchar(50) DEFAULT 'available',
  max_concurrent_chats integer DEFAULT 5,
  current_chat_count   integer DEFAULT 0,
  last_activity        timestamptz DEFAULT now(),
  auto_away_time       integer DEFAULT 300, -- seconds
  created_at           timestamptz DEFAULT now(),
  updated_at           timestamptz DEFAULT now(),
  working_hours        jsonb DEFAULT '{
    "monday": {"start": "09:00", "end": "17:00"}, "tuesday": {"start": "09:00", "end": "17:00"},
    "wednesday": {"start": "09:00", "end": "17:00"}, "thursday": {"start": "09:00", "end": "17:00"},
    "friday": {"start": "09:00", "end": "17:00"}}'
);

CREATE TABLE public.audit_logs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     uuid REFERENCES public.profiles (id),
  action      varchar(100) NOT NULL,
  entity_type varchar(100) NOT NULL,
  entity_id   uuid,
  changes     jsonb,
  ip_address  inet,
  user_agent  text,
  created_at  timestamptz DEFAULT now()
);

CREATE TABLE public.scheduled_reports (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          varchar(255) NOT NULL,
  description   text,
  report_type   varchar(50) NOT NULL,
  schedule_cron varchar(100) NOT NULL,
  recipients    text[] NOT NULL,
  filters       jsonb DEFAULT '{}',
  format        varchar(20) DEFAULT 'pdf',
  last_sent_at  timestamptz,
  next_run_at   timestamptz,
  is_active     boolean DEFAULT true,
  created_by    uuid REFERENCES public.profiles (id),
  created_at    timestamptz DEFAULT now(),
  updated_at    timestamptz DEFAULT now()
);

CREATE TABLE public.export_jobs (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id         uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  name            varchar(255) NOT NULL,
  type            varchar(50) NOT NULL,
  filters         jsonb DEFAULT '{}',
  format          varchar(20) NOT NULL,
  status          varchar(20) DEFAULT 'pending',
  file_url        text,
  file_size_bytes bigint,
  error_message   text,
  created_at      timestamptz DEFAULT now(),
  completed_at    timestamptz
);

CREATE TABLE public.system_settings (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  setting_key   varchar(100) UNIQUE NOT NULL,
  setting_value jsonb NOT NULL,
  description   text,
  is_public     boolean DEFAULT false,
  updated_by    uuid REFERENCES public.profiles (id),
  updated_at    timestamptz DEFAULT now()
);

-- Known only: id, title and content are NOT NULL; the page reads the counters.
CREATE TABLE public.knowledge_base (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title             text NOT NULL,
  content           text NOT NULL,
  category          text,
  helpful_count     integer DEFAULT 0,
  not_helpful_count integer DEFAULT 0,
  usage_count       integer DEFAULT 0,
  created_at        timestamptz DEFAULT now(),
  updated_at        timestamptz DEFAULT now()
);

-- The work of the front end's background agents; the view below reads it.
CREATE TABLE public.agent_work_logs (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_id          varchar(255) NOT NULL,
  agent_name        varchar(255) NOT NULL,
  user_id           uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  task_type         varchar(50) NOT NULL CHECK (task_type IN
                      ('conversation', 'knowledge_processing', 'workflow_execution', 'content_analysis', 'automation')),
  task_description  text NOT NULL,
  input_data        jsonb DEFAULT '{}',
  output_data       jsonb DEFAULT '{}',
  status            varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
  started_at        timestamptz NOT NULL DEFAULT now(),
  completed_at      timestamptz,
  execution_time_ms integer,
  error_message     text,
  metadata          jsonb DEFAULT '{}',
  created_at        timestamptz DEFAULT now(),
  updated_at        timestamptz DEFAULT now()
);

CREATE VIEW public.agent_performance_metrics AS
SELECT user_id, agent_id, agent_name,
       count(*) AS total_tasks,
       count(*) FILTER (WHERE status = 'completed') AS completed_tasks,
       count(*) FILTER (WHERE status = 'failed') AS failed_tasks,
       count(*) FILTER (WHERE status = 'in_progress') AS in_progress_tasks,
       avg(execution_time_ms) FILTER (WHERE status = 'completed') AS avg_execution_time_ms,
       min(execution_time_ms) FILTER (WHERE status = 'completed') AS min_execution_time_ms,
       max(execution_time_ms) FILTER (WHERE status = 'completed') AS max_execution_time_ms,
       count(*) FILTER (WHERE status = 'completed')::float / nullif(count(*), 0) * 100 AS success_rate,
       count(*) FILTER (WHERE status = 'failed')::float / nullif(count(*), 0) * 100 AS failure_rate,
       max(updated_at) AS last_activity,
       count(DISTINCT task_type) AS task_types_handled,
       date_trunc('day', max(created_at)) AS last_task_date
  FROM public.agent_work_logs
 GROUP BY user_id, agent_id, agent_name;

-- Jobs for the AI: each tab of the front end asks for the next one.
CREATE TABLE public.ai_response_queue (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id  uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  message_id       uuid NOT NULL REFERENCES public.messages (id) ON DELETE CASCADE,
  user_message     text NOT NULL,
  status           varchar(20) DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
  priority         integer DEFAULT 3 CHECK (priority BETWEEN 1 AND 5), -- 1 is the most urgent
  retry_count      integer DEFAULT 0,
  max_retries      integer DEFAULT 3,
  ai_response      text,
  ai_confidence    numeric(3,2),
  response_time_ms integer,
  error_message    text,
  created_at       timestamptz DEFAULT now(),
  process_after    timestamptz DEFAULT now(),
  processed_at     timestamptz,
  completed_at     timestamptz
);
CREATE INDEX idx_ai_response_queue_process_after ON public.ai_response_queue (process_after) WHERE status = 'pending';

RESET ROLE;
