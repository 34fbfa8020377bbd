package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// doctorCommand is `romashka doctor`.
type doctorCommand struct {
	process        *Process
	target         targetFlags
	only           doctor.Only
	json, readOnly bool
	apiURL         string
}

func newDoctor(p *Process) *cobra.Command {
	o := &doctorCommand{process: p}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "tell what is wrong with this deployment, worst first",
		Long: "Looks at the connection, the login's rights, tokens and keys, the Supabase project,\n" +
			"the migrations, and at everything that the served schemas let users do; each finding\n" +
			"comes with what was seen and what to do. Nothing is changed: what only a trial can\n" +
			"show is tried and rolled back.\n\n" + targetHelp + "\n\n" +
			"Exit code, of what is shown: 0: nothing, or notes; 3: warnings; 4: errors; 5: critical; 1: it could not look.\n\n" +
			"--json gives {checked_at, server, findings[], checked[], skipped[]}; a finding is\n" +
			"{rule, severity, object, owner, fault, evidence, remedy} with severity \"critical\",\n" +
			"\"error\", \"warning\" or \"info\", and owner \"romashka\" (our tables and functions),\n" +
			"\"project\" (others of the database) or \"deployment\"; skipped are {rule, reason}.",
		Example: "  romashka doctor\n  romashka doctor --json | jq '.findings[].remedy'\n  romashka doctor --owner project --severity error",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.target.addTo(c)
	c.Flags().StringVar(&o.apiURL, "api-url", "", "where the sidecar serves, as http://127.0.0.1:3000/rest/v1; known of a running `dev`")
	c.Flags().StringVar(&o.only.Owner, "owner", "", "only findings about that: ROMASHKA's own tables and functions, others of the database, or settings, roles and keys")
	c.Flags().Var(&severityFlag{&o.only.Severity}, "severity", "only findings that are at least so bad")
	c.Flags().StringSliceVar(&o.only.Rules, "rule", nil, "only findings of these rules, between commas; may be given again")
	choices(c, "owner", doctor.OwnerRomashka, doctor.OwnerProject, doctor.OwnerDeployment)
	choices(c, "severity", severities()...)
	completeRules(c)
	c.Flags().BoolVar(&o.json, "json", false, "the report as JSON")
	c.Flags().BoolVar(&o.readOnly, "read-only", false, "no trials: leave out what writes and rolls back")
	return c
}

func (o *doctorCommand) run(ctx context.Context) error {
	if unknown := o.only.Unknown(); unknown != "" {
		return &usageError{command: "romashka doctor", err: fmt.Errorf("--rule: there is no rule %q%s", unknown, meant(unknown, doctor.RuleNames()))}
	}
	cfg, login, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	options := doctorOptions(cfg)
	options.ReadOnly = o.readOnly
	options.APIURL = cmp.Or(o.apiURL, o.devAPI(cfg))
	if !login {
		options.URI = ""
	}
	report, err := doctor.Examine(ctx, options)
	if err != nil {
		return err
	}
	report = report.Filter(o.only)
	write := report.WriteText
	if o.json {
		write = report.WriteJSON
	}
	if err := write(o.process.Stdout); err != nil {
		return err
	}
	if api, ok := strings.CutSuffix(options.APIURL, "/rest/v1"); ok && !o.json {
		fmt.Fprintf(o.process.Stdout, "As a client would see it: romashka smoke --url %s\n", api)
	}
	if worst, _ := report.Worst(); worst > doctor.Info {
		return exitError(exitUsage + int(worst))
	}
	return nil
}

// devAPI is the address of a running `dev`, if it is its database that is
// looked at.
func (o *doctorCommand) devAPI(cfg config.Config) string {
	state, err := o.target.running()
	if err != nil || state.Get("DB_URL") != string(cfg.DB.DirectURI) || state.Get("API_URL") == "" {
		return ""
	}
	return state.Get("API_URL") + "/rest/v1"
}

func doctorOptions(cfg config.Config) doctor.Options {
	o := doctor.Options{
		URI: string(cfg.DB.URI), DirectURI: string(cfg.DB.DirectURI), Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole,
		LogCeiling: cfg.APILog.Ceiling, LogElsewhere: cfg.APILog.To == config.APILogOTLP, Pool: cfg.DB.Pool, PreparedStatements: cfg.DB.Statements == config.Prepared,
		Secret: string(cfg.JWT.Secret), JWKSURL: cfg.JWT.JWKSURL, Audience: cfg.JWT.Audience,
		AnonKeys: app.APIKeys(cfg.AnonKeys()), ServiceKeys: app.APIKeys(cfg.ServiceKeys()), UpstreamURL: cfg.Supabase.URL,
	}
	for _, uri := range cfg.DB.Replicas() {
		o.ReplicaURIs = append(o.ReplicaURIs, string(uri))
	}
	for _, j := range app.Jobs(cfg) {
		o.Jobs = append(o.Jobs, j.Name)
	}
	if keys, err := twofactor.NewKeyring(string(cfg.TwoFactor.Key), string(cfg.TwoFactor.PreviousKey)); err == nil { // else serve says so
		o.SecretKeyIDs = keys.IDs()
	}
	if len(o.AnonKeys) > 0 {
		o.AnonKey = o.AnonKeys[0].Text
	}
	if len(o.ServiceKeys) > 0 {
		o.ServiceKey = o.ServiceKeys[0].Text
	}
	return o
}

// severityFlag is a severity by its name.
type severityFlag struct{ p *doctor.Severity }

func (f *severityFlag) Type() string   { return "WORD" }
func (f *severityFlag) String() string { return "" } // the mildest, which leaves nothing out

func (f *severityFlag) Set(text string) error { return f.p.UnmarshalText([]byte(text)) }

// severities are their names, mildest first.
func severities() (names []string) {
	for s := doctor.Info; s <= doctor.Critical; s++ {
		names = append(names, s.String())
	}
	return names
}

func completeRules(c *cobra.Command) {
	complete := cobra.FixedCompletions(doctor.RuleNames(), cobra.ShellCompDirectiveNoFileComp)
	if err := c.RegisterFlagCompletionFunc("rule", complete); err != nil {
		panic("BUG: flag rule: " + err.Error())
	}
}
