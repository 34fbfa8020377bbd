package devdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql/supabase"
)

// User is a person who can sign in with a password.
type User struct {
	Key      string `json:"key"` // the demo's name for the user: USER, OTHER, ADMIN, SECURITY_ADMIN, COMPLIANCE_ADMIN
	Email    string `json:"email"`
	Password string `json:"password"`
	FullName string `json:"full_name"`
	Role     string `json:"role"` // profiles.role, which policies look at; not the database role
}

// NewDemoUsers returns the demo users with fresh passwords. They cover the
// values of profiles.role that policies know, and one user beside the first
// whose rows must stay hidden from him.
func NewDemoUsers() []User {
	users := []User{
		{Key: "USER", Email: "user@demo.romashka.test", FullName: "Uma User", Role: "user"},
		{Key: "OTHER", Email: "other@demo.romashka.test", FullName: "Otto Other", Role: "user"},
		{Key: "ADMIN", Email: "admin@demo.romashka.test", FullName: "Anna Admin", Role: "admin"},
		{Key: "SECURITY_ADMIN", Email: "security@demo.romashka.test", FullName: "Sam Security", Role: "security_admin"},
		{Key: "COMPLIANCE_ADMIN", Email: "compliance@demo.romashka.test", FullName: "Cora Compliance", Role: "compliance_admin"},
	}
	for i := range users {
		users[i].Password = strings.ToLower(rand.Text()[:16])
	}
	return users
}

// AddUser inserts a confirmed user with his profile, onboarding done, and
// returns his id. q must belong to the Superuser.
func AddUser(ctx context.Context, q Querier, u User) (id string, err error) {
	statement, err := supabase.Files.ReadFile("demo/user.sql")
	if err != nil {
		return "", fmt.Errorf("add user: %w", err)
	}
	err = q.QueryRow(ctx, string(statement), u.Email, u.Password, u.FullName, u.Role).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("add user %s: %w", u.Email, err)
	}
	return id, nil
}

// known returns those of some users who are still there under their address,
// without the passwords that are others by now.
func known(ctx context.Context, conn *pgx.Conn, users []User) ([]User, error) {
	list := make([]User, 0, len(users))
	for _, u := range users {
		var same bool
		err := conn.QueryRow(ctx, `SELECT coalesce(encrypted_password = extensions.crypt($2, encrypted_password), false)
			FROM auth.users WHERE email = lower($1) AND NOT is_sso_user AND deleted_at IS NULL AND encrypted_password <> ''`, u.Email, u.Password).Scan(&same)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			continue
		case err != nil:
			return nil, fmt.Errorf("look for the demo's users: %w", err)
		case !same:
			u.Password = ""
		}
		list = append(list, u)
	}
	return list, nil
}

// Querier is the part of a connection, a pool or a transaction that AddUser needs.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// addDemo fills a bootstrapped database with the demo users and rows.
func addDemo(ctx context.Context, conn *pgx.Conn, users []User) error {
	rows, err := supabase.Files.ReadFile("demo/rows.sql")
	if err != nil {
		return fmt.Errorf("add demo rows: %w", err)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, u := range users {
			if _, err := AddUser(ctx, tx, u); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, string(rows)); err != nil {
			return fmt.Errorf("add demo rows: %w", err)
		}
		return nil
	})
}
