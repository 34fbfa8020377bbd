package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/platform/notify"
)

// tried is how the test of one channel went.
type tried struct {
	Channel notify.Channel `json:"channel"`
	To      string         `json:"to,omitempty"`
	Sent    bool           `json:"sent"`
	Error   string         `json:"error,omitempty"`
}

func newNotify(p *Process) *cobra.Command {
	group := &cobra.Command{
		Use:   "notify",
		Short: "messages to people",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var settings settingFlags
	var mail, sms, file string
	var asJSON bool
	test := &cobra.Command{
		Use:   "test",
		Short: "send a message by each way that is set up",
		Long: "Sends one message at once: to --mail and --sms where these are given, and to the\n" +
			"webhooks that are set up. Exit code 1 if one was not sent.\n\n" +
			"--json gives a line {channel, to, sent, error} for each.",
		Example: "  romashka notify test --mail me@example.com\n  romashka notify test --sms +491701234567",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := settings.load(p, file)
			if err != nil {
				return err
			}
			sender, err := app.NewSender(cfg)
			if err != nil {
				return err
			}
			return testChannels(c, p, sender, map[notify.Channel]string{notify.Mail: mail, notify.SMS: sms}, asJSON)
		},
	}
	settings.addTo(test)
	test.Flags().StringVar(&file, "config", "", "settings file")
	test.Flags().StringVar(&mail, "mail", "", "address to write to")
	test.Flags().StringVar(&sms, "sms", "", "number to send an SMS to, as +491701234567")
	test.Flags().BoolVar(&asJSON, "json", false, "one JSON value a line")
	group.AddCommand(test)
	return group
}

func testChannels(c *cobra.Command, p *Process, sender *notify.Sender, to map[notify.Channel]string, asJSON bool) error {
	failed, all := 0, 0
	for _, channel := range notify.Channels() {
		personal := slices.Contains([]notify.Channel{notify.Mail, notify.SMS}, channel)
		if personal && to[channel] == "" || !personal && !sender.Has(channel) {
			continue
		}
		all++
		result := tried{Channel: channel, To: to[channel], Sent: true}
		err := sender.Send(c.Context(), notify.Message{
			ID: uuid.NewString(), Channel: channel, To: to[channel], Topic: "notify.test", Severity: "low", At: time.Now(),
			Subject: "ROMASHKA: a test", Text: "This is a test of ROMASHKA's messages. Nothing is to be done.",
		})
		if err != nil {
			failed++
			result.Sent, result.Error = false, err.Error()
		}
		if err := printTried(p, result, asJSON); err != nil {
			return err
		}
	}
	switch {
	case all == 0:
		return &usageError{command: c.CommandPath(), err: errors.New("nothing to try: give --mail or --sms, or set romashka-webhook-url or romashka-slack-url")}
	case failed > 0:
		return exitError(exitFailure)
	}
	return nil
}

func printTried(p *Process, t tried, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.Stdout).Encode(t)
	}
	word := "sent"
	if !t.Sent {
		word = "not sent: " + t.Error
	}
	_, err := fmt.Fprintf(p.Stdout, "%-8s %s %s\n", t.Channel, t.To, word)
	return err
}
