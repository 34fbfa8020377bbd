package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/trail"
)

// auditCommand is `romashka audit verify`.
type auditCommand struct {
	process   *Process
	target    targetFlags
	head, key string
	json      bool
}

func newAudit(p *Process) *cobra.Command {
	o := &auditCommand{process: p}
	group := &cobra.Command{
		Use: "audit", Short: "prove that the trail is as it was written", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "look for lines that were changed, removed, reordered or put in later",
		Long: "Recomputes the hash chain over security_audit_logs, and checks the signatures of its\n" +
			"checkpoints with romashka-secret-key, or else jwt-secret. Parts that were erased for a person,\n" +
			"and lines that retention has cut behind a signed checkpoint, are told and are no faults.\n" +
			"Exit code 1 where there are faults.\n\n" + backgroundHelp + "\n\n" +
			"--json gives a line {seq, line, fault} for each fault, at most 1000, and then one with the figures.",
		Example: "  romashka audit verify\n  romashka audit verify --head 4711:9f86d081...  # kept elsewhere since the last time",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.verify(c) },
	}
	o.target.addTo(verify)
	verify.Flags().StringVar(&o.head, "head", "", "SEQ:HASH that an earlier run has printed: the chain must hold it")
	verify.Flags().StringVar(&o.key, "key", "", "public key whose signatures count, too")
	verify.Flags().BoolVar(&o.json, "json", false, "one JSON object a line")
	group.AddCommand(verify)
	return group
}

func (o *auditCommand) verify(c *cobra.Command) error {
	var head *trail.Head
	var err error
	if o.head != "" {
		if head, err = trail.ParseHead(o.head); err != nil {
			return &usageError{command: c.CommandPath(), err: err}
		}
	}
	cfg, db, err := o.target.database(o.process, "romashka audit")
	if err != nil {
		return err
	}
	keys := app.TrailKeys(cfg)
	if o.key != "" {
		if err := keys.Trust(o.key); err != nil {
			return &usageError{command: c.CommandPath(), err: err}
		}
	}
	conn, err := db.Connect(c.Context(), service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(c.Context(), conn)
	report, err := trail.Verify(c.Context(), conn, keys, head)
	if err != nil {
		return fmt.Errorf("verify the trail: %w", err)
	}
	say := sayReport
	if o.json {
		say = encodeReport
	}
	if err := say(o.process.Stdout, &report); err != nil {
		return err
	}
	if report.Count > 0 {
		return exitError(exitFailure)
	}
	return nil
}

func encodeReport(w io.Writer, r *trail.Report) error {
	out := json.NewEncoder(w)
	for _, f := range r.Faults {
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return out.Encode(r)
}

func sayReport(w io.Writer, r *trail.Report) error {
	for _, f := range r.Faults {
		where := "-"
		if f.Seq != nil {
			where = strconv.FormatInt(*f.Seq, 10)
		}
		line := "-"
		if f.Line != nil {
			line = *f.Line
		}
		if _, err := fmt.Fprintf(w, "fault  %s  %s  %s\n", where, line, f.Text); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%d lines, %d faults; %d wait to be sealed", r.Lines, r.Count, r.Waiting)
	if r.Erased > 0 {
		text += fmt.Sprintf("; of %d the personal part was erased", r.Erased)
	}
	if r.CutAt != nil {
		text += fmt.Sprintf("; lines up to %d were deleted by retention at %s", r.CutBefore, r.CutAt.UTC().Format("2006-01-02 15:04:05Z"))
	}
	switch {
	case !r.Checks:
		text += "\nsignatures were not checked: set romashka-secret-key or jwt-secret as the sidecar has it, or give --key"
	case r.Signed == 0 && r.Lines > 0:
		text += "\nno checkpoint is signed: set romashka-secret-key for the sidecar that runs the jobs"
	default:
		text += fmt.Sprintf("\n%d checkpoints are signed, %d are not", r.Signed, r.Unsigned)
	}
	if r.Seq > 0 {
		text += fmt.Sprintf("\nhead %d:%s", r.Seq, r.Hash)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
