package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// responseCommand is a part of `romashka block` or `romashka sessions`.
type responseCommand struct {
	process      *Process
	target       targetFlags
	json, all    bool
	minutes, max int
	reason, user string
}

func newBlock(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "block",
		Short: "refuse addresses and networks for a time",
		Long:  "Refuses addresses and networks for a time: their requests get 403 ROM403 from every\nreplica within seconds, but for those of the allow-list and of the service role.\n\n" + backgroundHelp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	list := &responseCommand{process: p}
	add, remove := &responseCommand{process: p}, &responseCommand{process: p}
	adds := add.command("add CIDR", "refuse an address or network", cobra.ExactArgs(1), add.block)
	adds.Flags().IntVar(&add.minutes, "minutes", 60, "for so long")
	adds.Flags().StringVar(&add.reason, "reason", "", "for the trail and for `block list`")
	c.AddCommand(
		list.command("list", "list what is refused", cobra.NoArgs, func(ctx context.Context, db *pgx.Conn, _ []string) error {
			return list.rows(ctx, db, blockLine, sql.RespondShow)
		}),
		adds,
		remove.command("remove CIDR", "serve an address or network again", cobra.ExactArgs(1), remove.unblock),
	)
	return c
}

func newSessions(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "sessions",
		Short: "list sessions of users, and end them",
		Long:  "Lists sessions and ends them: their tokens get 401 ROM401 from every replica within\nseconds.\n\n" + backgroundHelp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	list, end := &responseCommand{process: p}, &responseCommand{process: p}
	lists := list.command("list", "list sessions, the last used first", cobra.NoArgs, func(ctx context.Context, db *pgx.Conn, _ []string) error {
		return list.rows(ctx, db, sessionLine, sql.RespondSessions, list.user, list.all, list.max)
	})
	lists.Flags().StringVar(&list.user, "user", "", "only his: id or email address")
	lists.Flags().BoolVar(&list.all, "all", false, "those that have ended, too")
	lists.Flags().IntVar(&list.max, "limit", 100, "at most so many")
	c.AddCommand(lists, end.command("end ID...", "end sessions", cobra.MinimumNArgs(1), end.end))
	return c
}

// command makes a command that asks f of the database.
func (o *responseCommand) command(use, short string, args cobra.PositionalArgs, f func(context.Context, *pgx.Conn, []string) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: "To " + short + ".\n\n" + backgroundHelp, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			conn, err := o.target.connect(c.Context(), o.process, "romashka "+c.Name())
			if err != nil {
				return err
			}
			defer service.Close(c.Context(), conn)
			return told(f(c.Context(), conn, args))
		},
	}
	o.target.addTo(c)
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object a line")
	return c
}

// told puts the database's error in words for a person.
func told(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return err
	}
	text := refused.Message
	for _, more := range []string{refused.Detail, refused.Hint} {
		if more != "" {
			text += ". " + more
		}
	}
	return errors.New(text)
}

func (o *responseCommand) block(ctx context.Context, db *pgx.Conn, args []string) error {
	var until time.Time
	if err := db.QueryRow(ctx, "SELECT public.block_address($1::text::inet, $2, $3)", args[0], o.minutes, o.reason).Scan(&until); err != nil {
		return err
	}
	return o.say(map[string]any{"cidr": args[0], "blocked_until": until}, "%s is refused until %s\n", args[0], until.UTC().Format(time.RFC3339))
}

func (o *responseCommand) unblock(ctx context.Context, db *pgx.Conn, args []string) error {
	var was bool
	if err := db.QueryRow(ctx, "SELECT public.unblock_address($1::text::inet)", args[0]).Scan(&was); err != nil {
		return err
	}
	text := "%s is served again\n"
	if !was {
		text = "%s was not refused\n"
	}
	return o.say(map[string]any{"cidr": args[0], "was_blocked": was}, text, args[0])
}

func (o *responseCommand) end(ctx context.Context, db *pgx.Conn, args []string) error {
	for _, id := range args {
		if uuid.Validate(id) != nil {
			return &usageError{command: "romashka sessions end", err: fmt.Errorf("%q is no id of a session", id)}
		}
	}
	for _, id := range args {
		var ended bool
		if err := db.QueryRow(ctx, "SELECT public.end_session($1)", id).Scan(&ended); err != nil {
			return err
		}
		text := "%s has ended\n"
		if !ended {
			text = "%s had ended before\n"
		}
		if err := o.say(map[string]any{"id": id, "ended": ended}, text, id); err != nil {
			return err
		}
	}
	return nil
}

func (o *responseCommand) say(object any, text string, args ...any) error {
	if o.json {
		return json.NewEncoder(o.process.Stdout).Encode(object)
	}
	_, err := fmt.Fprintf(o.process.Stdout, text, args...)
	return err
}

// rows prints the objects that a statement gives, one a line.
func (o *responseCommand) rows(ctx context.Context, db *pgx.Conn, line func(map[string]any) string, statement string, args ...any) error {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	var text string
	_, err = pgx.ForEachRow(rows, []any{&text}, func() error {
		if !o.json {
			var object map[string]any
			if err := json.Unmarshal([]byte(text), &object); err != nil {
				return err
			}
			text = line(object)
		}
		_, err := fmt.Fprintln(o.process.Stdout, text)
		return err
	})
	return err
}

func blockLine(b map[string]any) string {
	return fmt.Sprintf("%-20v  until %v  by %v  %v", b["cidr"], b["blocked_until"], b["blocked_as"], b["reason"])
}

func sessionLine(s map[string]any) string {
	state := "active"
	if s["is_active"] == false {
		state = "ended"
	}
	return fmt.Sprintf("%v  %-6s  %v  %v  %v  %v", s["id"], state, s["last_activity"], s["email"], s["ip_address"], s["user_agent"])
}
