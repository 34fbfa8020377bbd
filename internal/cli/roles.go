package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/sql"
)

// rolesCommand is a part of `romashka roles`.
type rolesCommand struct {
	responseCommand
	until string
}

func newRoles(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "roles",
		Short: "list roles, give them to users and take them",
		Long:  "Lists the roles of public.roles with their permissions, and gives them to users, for\na time if need be. What a grant gives ends at its time, without anybody's help.\n\n" + backgroundHelp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	list, show, grant, revoke := &rolesCommand{}, &rolesCommand{}, &rolesCommand{}, &rolesCommand{}
	for _, o := range []*rolesCommand{list, show, grant, revoke} {
		o.process = p
	}
	grants := grant.command("grant USER ROLE", "give a user a role", cobra.ExactArgs(2), grant.grant)
	grants.Flags().StringVar(&grant.until, "until", "", "when it ends: a time as 2026-12-31T12:00:00Z, or a span from now as 8h")
	c.AddCommand(
		list.command("list", "list roles", cobra.NoArgs, func(ctx context.Context, db *pgx.Conn, _ []string) error {
			return list.rows(ctx, db, roleLine, sql.RolesList)
		}),
		show.command("show ROLE_OR_USER", "show a role's permissions and who has it, or what a user has", cobra.ExactArgs(1), show.show),
		grants,
		revoke.command("revoke USER ROLE", "take a role from a user", cobra.ExactArgs(2), revoke.revoke),
	)
	return c
}

func (o *rolesCommand) show(ctx context.Context, db *pgx.Conn, args []string) error {
	var known bool
	err := db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM public.roles WHERE name = $1) OR EXISTS (SELECT FROM public.profiles WHERE id::text = lower($1) OR lower(email) = lower($1))", args[0]).Scan(&known)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("there is no role and no user %q: romashka roles list lists the roles", args[0])
	}
	return o.rows(ctx, db, assignmentLine, sql.RolesShow, args[0])
}

func (o *rolesCommand) grant(ctx context.Context, db *pgx.Conn, args []string) error {
	until, err := readUntil(o.until, time.Now())
	if err != nil {
		return &usageError{command: "romashka roles grant", err: err}
	}
	user, err := findUser(ctx, db, args[0])
	if err != nil {
		return err
	}
	var there bool
	if err := db.QueryRow(ctx, sql.RolesGrant, user, args[1], until).Scan(&there); err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("there is no role %q: romashka roles list lists them", args[1])
	}
	text := "%s has the role %s\n"
	words := []any{args[0], args[1]}
	if until != nil {
		text, words = "%s has the role %s until %s\n", append(words, until.UTC().Format(time.RFC3339))
	}
	return o.say(map[string]any{"user_id": user, "role": args[1], "expires_at": until}, text, words...)
}

// revoke leaves somebody who may grant: an operator can always make another first.
func (o *rolesCommand) revoke(ctx context.Context, db *pgx.Conn, args []string) error {
	user, err := findUser(ctx, db, args[0])
	if err != nil {
		return err
	}
	had := false
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		var before, after int
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext('romashka.keep_a_granter'))"); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sql.RolesGranters).Scan(&before); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sql.RolesRevoke, user, args[1]).Scan(&had); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sql.RolesGranters).Scan(&after); err != nil {
			return err
		}
		if before > 0 && after == 0 {
			return errors.New("he is the last one who may grant roles: give roles:grant, or the role admin, to somebody else first")
		}
		return nil
	})
	if err != nil {
		return err
	}
	text := "%s has no longer the role %s\n"
	if !had {
		text = "%s did not have the role %s\n"
	}
	return o.say(map[string]any{"user_id": user, "role": args[1], "had": had}, text, args[0], args[1])
}

// findUser is the id of a user who is named by id or address.
func findUser(ctx context.Context, db *pgx.Conn, name string) (id uuid.UUID, err error) {
	rows, err := db.Query(ctx, "SELECT p.id FROM public.profiles AS p WHERE p.id::text = lower($1) OR lower(p.email) = lower($1) ORDER BY p.id LIMIT 2", name)
	if err != nil {
		return id, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	switch {
	case err != nil:
		return id, err
	case len(ids) == 0:
		return id, fmt.Errorf("there is no user %q", name)
	case len(ids) > 1:
		return id, fmt.Errorf("several users have the address %q: give the id", name)
	}
	return ids[0], nil
}

// readUntil reads a time, or a span from now; nil is for ever.
func readUntil(text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if span, failed := time.ParseDuration(text); failed == nil {
		at, err = now.Add(span), nil
	}
	if err != nil || !at.After(now) {
		return nil, fmt.Errorf("--until %q: want a time ahead, as 2026-12-31T12:00:00Z, or a span, as 8h", text)
	}
	return &at, nil
}

func roleLine(r map[string]any) string {
	kind := "tenant"
	if r["is_system_role"] == true {
		kind = "system"
	}
	return fmt.Sprintf("%-24v  %-6s  %5v users  %s", r["name"], kind, r["users"], joined(r["permissions"]))
}

func assignmentLine(a map[string]any) string {
	if a["kind"] == "permission" {
		return fmt.Sprintf("%-20v  %v", a["permission"], a["description"])
	}
	until := "without end"
	if a["expires_at"] != nil {
		until = fmt.Sprintf("until %v", a["expires_at"])
	}
	return fmt.Sprintf("%v  %v  %v (%v)  since %v  %s", a["user_id"], a["email"], a["role"], a["source"], a["granted_at"], until)
}

// joined joins a list that was read from JSON.
func joined(list any) string {
	values, _ := list.([]any)
	var names []string
	for _, v := range values {
		names = append(names, fmt.Sprint(v))
	}
	return strings.Join(names, " ")
}
