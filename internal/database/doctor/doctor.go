package doctor

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/platform/service"
)

// Options name the deployment to look at.
type Options struct {
	URI       string // as the API logs in; "" = not known, and not looked at
	DirectURI string // as migrations do; the rules run over it. Default: URI

	ReplicaURIs []string // of standbys that the API's reads go to

	Schemas            []string // served; default public
	AnonRole           string   // of requests without a token; default anon
	LogCeiling         int64    // bytes that api_security_logs may take; 0 = no limit
	LogElsewhere       bool     // requests go to a collector alone, and not to api_security_logs
	Jobs               []string // names of the jobs in Go that this release has
	Pool               int      // connections that the sidecar may open, 0 = not known
	PreparedStatements bool

	Secret, JWKSURL     string // the key or key set that verifies tokens; "" = none
	Audience            string // that tokens must have; "" = any
	AnonKey, ServiceKey string // a key of either kind, to ask with; "" = none
	// AnonKeys and ServiceKeys are all of them, as the settings hold them.
	AnonKeys, ServiceKeys []auth.APIKey
	UpstreamURL           string   // Supabase project; "" = none
	SecretKeyIDs          []string // of the keys for second factors that the settings have
	APIURL                string   // URL of the sidecar's relations, with /rest/v1 if so; "" = not known

	// ReadOnly leaves out checks that write and roll back.
	ReadOnly bool
	// Timeout bounds each statement and each request; default 10 s.
	Timeout time.Duration

	Clock      func() time.Time // default time.Now
	HTTPClient *http.Client     // default http.DefaultClient
}

// Examine looks at the deployment. An error that stops one check is in the report; an
// error means that there is none, because ctx ended or options make no sense.
func Examine(ctx context.Context, o Options) (Report, error) {
	if o.URI == "" && o.DirectURI == "" {
		return Report{}, errors.New("doctor: no database to look at")
	}
	e := &examination{Options: o.withDefaults(), own: ownRelations()}
	e.report.CheckedAt = e.Clock().UTC()
	e.tokens(ctx)
	e.upstream(ctx)
	e.logElsewhere()
	e.login(ctx)
	e.replicas(ctx)
	e.database(ctx)
	e.report.sort()
	return e.report, ctx.Err()
}

func (o Options) withDefaults() Options {
	o.DirectURI = cmp.Or(o.DirectURI, o.URI)
	o.AnonRole = cmp.Or(o.AnonRole, "anon")
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.HTTPClient = cmp.Or(o.HTTPClient, http.DefaultClient)
	if len(o.Schemas) == 0 {
		o.Schemas = []string{"public"}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// examination is one run: its options and the report that grows.
type examination struct {
	Options
	report Report
	own    map[string]bool  // relations and functions that our migrations make
	served []servedFunction // to be tried
}

// ownRelations are "public.security_sessions", "public.get_security_metrics", ...
func ownRelations() map[string]bool {
	own := map[string]bool{}
	for _, cell := range policy.Expected() {
		name, _, _ := strings.Cut(cell.Object, "(")
		own["public."+name] = true
	}
	return own
}

// owner says whose object a finding is about.
func (e *examination) owner(relation string) string {
	switch {
	case relation == "":
		return OwnerDeployment
	case e.own[relation] || strings.HasPrefix(relation, "romashka."):
		return OwnerRomashka
	}
	return OwnerProject
}

// add takes a finding; one that names no owner is about the deployment itself.
func (e *examination) add(f Finding) {
	f.Owner = cmp.Or(f.Owner, OwnerDeployment)
	e.report.Findings = append(e.report.Findings, f)
}

// checked notes that rule was run, or why it could not be.
func (e *examination) checked(rule string, err error) {
	if err != nil {
		e.report.Skipped = append(e.report.Skipped, Skipped{Rule: rule, Reason: err.Error()})
		return
	}
	if !slices.Contains(e.report.Checked, rule) {
		e.report.Checked = append(e.report.Checked, rule)
	}
}

// logElsewhere says what a log that only a collector has is of no use for.
func (e *examination) logElsewhere() {
	const rule = "log_elsewhere"
	if e.LogElsewhere {
		e.add(Finding{
			Rule: rule, Severity: Warning, Object: "setting romashka-api-log",
			Fault:    "requests go to the collector alone: detection, get_security_metrics, get_api_usage and the checks that rest on api_security_logs have nothing",
			Evidence: "romashka-api-log is otlp",
			Remedy:   "set romashka-api-log (ROMASHKA_API_LOG) to both",
		})
	}
	e.checked(rule, nil)
}

// way is a connection, and how long it keeps its session.
type way struct {
	*pgx.Conn
	keeps service.Scope
}

// connect opens a connection that is recognizable and does not wait for ever.
// Its error does not repeat the URI.
func (e *examination) connect(ctx context.Context, setting, uri string) (*way, error) {
	db, err := service.New(service.Options{
		URI: uri, Setting: setting, Name: "romashka-doctor", Timeout: e.Timeout, Mode: pgx.QueryExecModeExec,
	})
	if err != nil {
		return nil, err
	}
	conn, err := db.Connect(ctx, service.Statement)
	if err != nil {
		return nil, err
	}
	keeps, err := db.Keeps(ctx, conn)
	if err != nil {
		service.Close(ctx, conn)
		return nil, err
	}
	return &way{Conn: conn, keeps: keeps}, nil
}
