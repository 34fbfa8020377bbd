package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/proof/smoke"
)

// passwordVariable holds the password of the account, which a command line would show to
// everybody on the machine.
const passwordVariable = "ROMASHKA_SMOKE_PASSWORD" //nolint:gosec // its name

// smokeCommand is `romashka smoke`.
type smokeCommand struct {
	process        *Process
	settings       settingFlags
	file, folder   string
	options        smoke.Options
	passwordSource string
	json           bool
}

func newSmoke(p *Process) *cobra.Command {
	o := &smokeCommand{process: p}
	c := &cobra.Command{
		Use:   "smoke --url URL --email ADDRESS",
		Short: "try a deployment as a client would, and say what answered",
		Long: "Signs in, reads the ten tables, calls get_security_metrics and\n" +
			"get_analytics_dashboard_data, embeds, counts, updates, is refused, and joins a channel\n" +
			"of Realtime, with supabase-go. It leaves no rows: its update reaches none, and its\n" +
			"insert is one that must be refused. The password is read from " + passwordVariable + "\n" +
			"or from --password-file. Without --url it tries a running `romashka dev`, as its admin;\n" +
			"without --email only what needs no account.\n\n" +
			"Exit code 0: all answered as it should; 1: something did not.\n\n" +
			"--json gives {url, user, steps[], failed}; a step is {name, asked, state, answer,\n" +
			"took_ms} with state \"ok\", \"failed\" or \"none\" (nothing to try).",
		Example: "  romashka smoke\n  " + passwordVariable + "=... romashka smoke --url https://api.example.com --email me@example.com",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.settings.addTo(c)
	f := c.Flags()
	f.StringVar(&o.file, "config", "", "settings file, for the key")
	f.StringVar(&o.folder, "data", devdb.DefaultFolder, "data folder of `romashka dev`, or the folder that holds it")
	f.StringVar(&o.options.URL, "url", "", "address of the sidecar, without a path")
	f.StringVar(&o.options.Key, "key", "", "anon or publishable key (default: that of the settings)")
	f.StringVar(&o.options.Email, "email", "", "the account to sign in with")
	f.StringVar(&o.passwordSource, "password-file", "", "file with the account's password, - for the standard input")
	f.DurationVar(&o.options.Timeout, "timeout", 10*time.Second, "longest time of one step")
	f.BoolVar(&o.json, "json", false, "the report as JSON")
	return c
}

func (o *smokeCommand) run(c *cobra.Command) error {
	if err := o.complete(c); err != nil {
		return err
	}
	report, err := smoke.Run(c.Context(), o.options)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(o.process.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(report)
	} else {
		err = printSmoke(o.process.Stdout, report)
	}
	if err == nil && report.Failed > 0 {
		err = exitError(exitFailure)
	}
	return err
}

// complete fills in what was not given.
func (o *smokeCommand) complete(c *cobra.Command) error {
	cfg, err := o.settings.load(o.process, o.file)
	if err != nil {
		return err
	}
	t := targetFlags{folder: o.folder}
	state, _ := t.running() // nil where none runs
	if o.options.URL == "" {
		if o.options.URL = state.Get("API_URL"); o.options.URL == "" {
			return &usageError{command: c.CommandPath(), err: errors.New("nothing to try: give --url, as --url https://api.example.com, or start `romashka dev`")}
		}
	}
	if err := checkSmokeURL(o.options.URL); err != nil {
		return &usageError{command: c.CommandPath(), err: err}
	}
	o.options.URL = strings.TrimRight(o.options.URL, "/")
	for _, k := range cfg.AnonKeys() {
		o.options.Key = cmp.Or(o.options.Key, string(k.Key))
	}
	if o.options.URL == state.Get("API_URL") {
		o.options.Key = cmp.Or(o.options.Key, state.Get("ANON_KEY"))
		if o.options.Email == "" {
			o.options.Email, o.options.Password = state.Get("DEMO_ADMIN_EMAIL"), state.Get("DEMO_ADMIN_PASSWORD")
		}
	}
	if o.options.Key == "" {
		return &usageError{command: c.CommandPath(), err: errors.New("no key: give --key or SUPABASE_ANON_KEY")}
	}
	return o.readPassword(c)
}

// checkSmokeURL does not show the URL, which may hold a password.
func checkSmokeURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return errors.New("--url: want the address of the sidecar without a path, as --url https://api.example.com")
	}
	return nil
}

func (o *smokeCommand) readPassword(c *cobra.Command) error {
	if o.options.Email == "" || o.options.Password != "" {
		return nil
	}
	for _, line := range o.process.Environ {
		if value, ok := strings.CutPrefix(line, passwordVariable+"="); ok {
			o.options.Password = value
		}
	}
	if o.passwordSource != "" {
		text, err := readSource(c, o.passwordSource)
		if err != nil {
			return err
		}
		o.options.Password = strings.TrimRight(text, "\r\n")
	}
	if o.options.Password == "" {
		return &usageError{command: c.CommandPath(), err: errors.New("no password: set " + passwordVariable + ", or give --password-file")}
	}
	return nil
}

func readSource(c *cobra.Command, name string) (string, error) {
	const most = 64 << 10
	if name == "-" {
		text, err := io.ReadAll(io.LimitReader(c.InOrStdin(), most))
		return string(text), err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	return string(text), nil
}

func printSmoke(w io.Writer, r smoke.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range r.Steps {
		fmt.Fprintf(t, "%s\t%s\t%.1f ms\t%s\n", strings.ToUpper(string(s.State)), s.Name, s.TookMS, s.Answer)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	who := cmp.Or(r.User, "nobody")
	_, err := fmt.Fprintf(w, "%d of %d failed at %s, signed in as %s\n", r.Failed, len(r.Steps), r.URL, who)
	return err
}
