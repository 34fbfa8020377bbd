package config

import "time"

const (
	defaultBodyLimit   = 32 << 20
	defaultBodyMemory  = 256 << 20
	defaultHeaderLimit = 64 << 10
	defaultConnections = 16 << 10
	supabaseMaxRows    = 1000
	supabaseCountLimit = 10_000
	defaultLogQueue    = 50_000    // rows; some 20 MB when full
	defaultLogBudget   = 16 << 20  // bytes a minute; some 300 requests a second of signed-in users
	defaultLogCeiling  = 400 << 20 // bytes; the smallest projects have 500 MB for everything
	defaultSelectDepth = 32
	defaultEmbeds      = 64
	defaultColumns     = 1600 // as many as a table may have
	defaultJSONSteps   = 1000
	defaultFilters     = 1000
)

// defaults are PostgREST's where it has the setting.
func defaults() Config {
	return Config{
		ClientErrorVerbosity: Verbose,
		URLLegacyTargetNames: true,
		DB: DB{
			URI:             "postgresql://",
			Schemas:         []string{"public"},
			ExtraSearchPath: []string{"public"},
			Config:          true,
			TxEnd:           TxCommit,
			HoistedTx: []string{
				"statement_timeout", "plan_filter.statement_cost_limit", "default_transaction_isolation",
			},
			Statements:       Auto,
			Channel:          "pgrst",
			ChannelEnabled:   true,
			Pool:             10,
			PoolTimeout:      10 * time.Second,
			PoolMaxLifetime:  30 * time.Minute,
			PoolMaxIdle:      30 * time.Second,
			PoolAutoRecovery: true,
			ReplicaMaxLag:    2 * time.Second,
		},
		JWT:     JWT{RoleClaimKey: "$.role", CacheEntries: 1000},
		Log:     Log{Level: LogError, Format: LogText},
		OpenAPI: OpenAPI{Mode: FollowPrivileges},
		Server: Server{
			Host:             "!4",
			Port:             3000,
			UnixSocketMode:   0o660,
			APIRoots:         []string{"/"},
			BodyLimit:        defaultBodyLimit,
			BodyMemory:       defaultBodyMemory,
			HeaderLimit:      defaultHeaderLimit,
			MaxConnections:   defaultConnections,
			MaxConnectionsIP: defaultConnections / 4,
			RequestTimeout:   time.Minute,
			ShutdownTimeout:  30 * time.Second,
		},
		APILog: APILog{To: APILogDatabase, Queue: defaultLogQueue, Budget: defaultLogBudget, Ceiling: defaultLogCeiling},
		Limits: Limits{
			SelectDepth: defaultSelectDepth, Embeds: defaultEmbeds, Columns: defaultColumns,
			JSONSteps: defaultJSONSteps, Filters: defaultFilters,
		},
		Realtime: RealtimeAuto,
		Gateway: Gateway{
			Serve:   []string{"migrations"},
			Timeout: 150 * time.Second, // as long as Supabase's functions may be silent
		},
		Admin:     Admin{Host: "!4", UnixSocketMode: 0o660},
		TwoFactor: TwoFactor{Issuer: "ROMASHKA", CodeTTL: 10 * time.Minute, VerifiedFor: 12 * time.Hour},
	}
}

// shutdownDelay is the time that load balancers usually need to see that an instance is
// leaving. PostgREST has none, and so has the sidecar in its place.
const shutdownDelay = 5 * time.Second

// supabaseDefaults are the settings of a Supabase project's own API, so that a
// client that moves to the sidecar sees the same.
func supabaseDefaults(c *Config) {
	rows := int64(supabaseMaxRows)
	c.DB.MaxRows = &rows
	c.DB.CountLimit = supabaseCountLimit
	c.DB.ClaimSettings = true
	c.ClientErrors = true
	c.DB.AnonRole = "anon"
	c.DB.ExtraSearchPath = []string{"public", "extensions"}
	c.Server.APIRoots = []string{"/", "/rest/v1"}
	c.Server.ShutdownDelay = shutdownDelay
	c.Dashboard = "/dashboard"
	c.supabase = true
}
