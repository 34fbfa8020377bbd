package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// twoFactorCommand is `romashka two-factor`.
type twoFactorCommand struct {
	process      *Process
	target       targetFlags
	user, reason string
	json         bool
}

func newTwoFactor(p *Process) *cobra.Command {
	o := &twoFactorCommand{process: p}
	group := &cobra.Command{
		Use:   "two-factor",
		Short: "keep second factors: change their key, take them from a user",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "encrypt all secrets with the current key",
		Long: "Encrypts with romashka-secret-key what is under romashka-secret-key-previous or in the\n" +
			"clear. Set both in every replica first, rotate, then take the previous one away.\n" +
			"Codes that were sent before and not used yet stay good while the previous key is set.\n\n" +
			backgroundHelp + "\n\n--json gives {encrypted, key_id}.",
		Example: "  ROMASHKA_SECRET_KEY=$NEW ROMASHKA_SECRET_KEY_PREVIOUS=$OLD romashka two-factor rotate",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.rotate(c.Context()) },
	}
	reset := &cobra.Command{
		Use:   "reset",
		Short: "take all second factors from a user who has lost them",
		Long: "Removes the factors, backup codes and verified sessions of a user, and writes a line\n" +
			"of the trail with the reason. He can enrol anew with his password.\n\n" +
			backgroundHelp + "\n\n--json gives {user_id, removed}.",
		Example: `  romashka two-factor reset --user alice@example.com --reason "lost her phone, known by voice"`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.reset(c) },
	}
	for _, c := range []*cobra.Command{rotate, reset} {
		o.target.addTo(c)
		c.Flags().BoolVar(&o.json, "json", false, "one JSON value")
		group.AddCommand(c)
	}
	reset.Flags().StringVar(&o.user, "user", "", "id or address of the user")
	reset.Flags().StringVar(&o.reason, "reason", "", "why, for the trail")
	return group
}

func (o *twoFactorCommand) rotate(ctx context.Context) error {
	cfg, db, err := o.target.database(o.process, "romashka two-factor")
	if err != nil {
		return err
	}
	keys, err := twofactor.NewKeyring(string(cfg.TwoFactor.Key), string(cfg.TwoFactor.PreviousKey))
	if err != nil {
		return err
	}
	conn, err := db.Connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	n, err := twofactor.Rotate(ctx, conn, keys)
	if err != nil {
		return err
	}
	return o.print(map[string]any{"encrypted": n, "key_id": keys.CurrentID()}, fmt.Sprintf("%s encrypted with key %s", count(n, "secret"), keys.CurrentID()))
}

func (o *twoFactorCommand) reset(c *cobra.Command) error {
	if o.user == "" || strings.TrimSpace(o.reason) == "" {
		return &usageError{command: c.CommandPath(), err: errors.New("want --user and --reason")}
	}
	ctx := c.Context()
	_, db, err := o.target.database(o.process, "romashka two-factor")
	if err != nil {
		return err
	}
	conn, err := db.Connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	done, err := twofactor.Reset(ctx, conn, o.user, strings.TrimSpace(o.reason))
	if err != nil {
		return err
	}
	return o.print(done, fmt.Sprintf("%s of user %s removed", count(done.Removed, "factor"), done.UserID))
}

func (o *twoFactorCommand) print(value any, text string) error {
	if o.json {
		return json.NewEncoder(o.process.Stdout).Encode(value)
	}
	_, err := fmt.Fprintln(o.process.Stdout, text)
	return err
}
