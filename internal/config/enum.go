package config

// Verbosity is how much of an error the client gets.
type Verbosity string

// Verbose sends code, message, details and hint; Minimal only code and message.
const (
	Verbose Verbosity = "verbose"
	Minimal Verbosity = "minimal"
)

// TxEnd is how the transaction of a request ends.
type TxEnd string

// With the "-allow-override" forms, "Prefer: tx=..." may choose the other end.
const (
	TxCommit                TxEnd = "commit"
	TxCommitAllowOverride   TxEnd = "commit-allow-override"
	TxRollback              TxEnd = "rollback"
	TxRollbackAllowOverride TxEnd = "rollback-allow-override"
)

// Rollback reports whether transactions roll back unless the client may and does say otherwise.
func (e TxEnd) Rollback() bool { return e == TxRollback || e == TxRollbackAllowOverride }

// AllowOverride reports whether "Prefer: tx=..." counts.
func (e TxEnd) AllowOverride() bool {
	return e == TxCommitAllowOverride || e == TxRollbackAllowOverride
}

// LogLevel is PostgREST's: each level adds to the one before it.
type LogLevel string

// Crit logs start and recovery only; Error adds 5xx; Warn adds 4xx; Info all
// requests; Debug the details that a developer wants.
const (
	LogCrit  LogLevel = "crit"
	LogError LogLevel = "error"
	LogWarn  LogLevel = "warn"
	LogInfo  LogLevel = "info"
	LogDebug LogLevel = "debug"
)

// RealtimeMode says who serves /realtime/v1.
type RealtimeMode string

// RealtimeAuto serves it where no Supabase project is behind that would, and a
// background connection is set; RealtimeOn always, RealtimeOff never.
const (
	RealtimeAuto RealtimeMode = "auto"
	RealtimeOn   RealtimeMode = "on"
	RealtimeOff  RealtimeMode = "off"
)

// LogFormat is the shape of log lines.
type LogFormat string

// Text is key=value, JSON one object per line.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// APILogTarget is where the log of requests goes.
type APILogTarget string

// Database is the table api_security_logs, OTLP a collector, and both are both. Off is
// neither.
const (
	APILogDatabase APILogTarget = "database"
	APILogOTLP     APILogTarget = "otlp"
	APILogBoth     APILogTarget = "both"
	APILogOff      APILogTarget = "off"
)

// Writes reports whether rows are written to the table.
func (t APILogTarget) Writes() bool { return t == APILogDatabase || t == APILogBoth }

// Sends reports whether records are sent to a collector.
func (t APILogTarget) Sends() bool { return t == APILogOTLP || t == APILogBoth }

// OpenAPIMode chooses the contents of the API root.
type OpenAPIMode string

// FollowPrivileges shows the objects that the role may use, IgnorePrivileges all
// exposed ones, OpenAPIDisabled answers 404.
const (
	FollowPrivileges OpenAPIMode = "follow-privileges"
	IgnorePrivileges OpenAPIMode = "ignore-privileges"
	OpenAPIDisabled  OpenAPIMode = "disabled"
)

// Statements says whether the server may keep statements in the session.
type Statements string

// Auto keeps them unless there is a pooler in between. Prepared is for poolers
// that know prepared statements or pool by session. Unnamed costs about two
// thirds of the throughput (design, section 4).
const (
	Auto     Statements = "auto"
	Prepared Statements = "prepared"
	Unnamed  Statements = "unnamed"
)
